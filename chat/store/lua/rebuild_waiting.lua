-- Writes some of the waiting tickets, except those under a claim that is still to be settled.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild, 2 how long the lock holds from now (ms), 3 now (ms);
--       then ticket, lane, score (ms), opened (ms), wishes or '' of each
-- Returns: 1, or 0 when the lock is no longer ours and nothing was written.
if not owns_rebuild(ARGV[1]) then
  return 0
end
call('PEXPIRE', key('rebuild'), ARGV[2])
for index = 4, #ARGV, 5 do
  local ticket = ARGV[index]
  write_wishes(ticket, ARGV[index + 4])
  if call('EXISTS', key('claim', ticket)) == 0 then
    join_lane(ARGV[index + 1], ticket, ARGV[index + 2], ARGV[index + 3])
    -- An old copy knows old signs of life: whoever is away has their minutes from now on.
    call('ZADD', key('seen'), 'GT', ARGV[3], ticket)
  end
end
return 1
