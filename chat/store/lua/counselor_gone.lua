-- A desk of the counselor has closed: unless another renews it, the lease ends soon. It never gets longer by this.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor, 2 until (ms)
-- Returns: 1 when there is a lease, else 0.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local lease = call('ZSCORE', key('leases'), ARGV[1])
if not lease then
  return 0
end
call('ZADD', key('leases'), 'LT', ARGV[2], ARGV[1])
return 1
