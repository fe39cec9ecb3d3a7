-- Writes one counselor and what they hold.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild, 2 how long the lock holds from now (ms), 3 now (ms), 4 counselor,
--       5 available or away, 6 capacity, 7 lanes (a,b), 8 last assigned (ms) or '', 9… held tickets
-- Returns: 1, or 0 when the lock is no longer ours and nothing was written.
if not owns_rebuild(ARGV[1]) then
  return 0
end
call('PEXPIRE', key('rebuild'), ARGV[2])
local counselor = ARGV[4]
write_counselor(counselor, ARGV[5], ARGV[6], ARGV[7], ARGV[8])
-- Who does not come back after the loss must be missed one day: without a lease nobody would look. And an old copy
-- knows old leases: nobody may be called gone before they had the time to say that they are here.
call('ZADD', key('leases'), 'GT', ARGV[3], counselor)
for index = 9, #ARGV do
  hold(counselor, ARGV[index], ARGV[3])
end
return 1
