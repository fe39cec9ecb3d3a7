-- Lists the counselors whose lease ended before an instant.
-- KEYS: 1 the hash tag
-- ARGV: 1 before (ms)
-- Returns: counselors, longest gone first.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
return call('ZRANGEBYSCORE', key('leases'), '-inf', '(' .. ARGV[1])
