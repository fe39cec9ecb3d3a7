-- Says that a counselor is here. A lease never gets shorter, since the clocks of two processes may differ.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor, 2 now (ms), 3 until (ms)
-- Returns: 1 when that made room (the lease was new or had run out, or a free set lacked them), else 0.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local before = call('ZSCORE', key('leases'), ARGV[1])
call('ZADD', key('leases'), 'GT', ARGV[3], ARGV[1])
local _, new_count = refresh(ARGV[1])
if new_count > 0 or not before or tonumber(before) <= tonumber(ARGV[2]) then
  return 1
end
return 0
