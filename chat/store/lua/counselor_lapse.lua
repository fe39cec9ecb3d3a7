-- Ends a counselor's lease; what they hold stays theirs.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor
-- Returns: 1 when there was a lease, else 0.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local had_lease = call('ZREM', key('leases'), ARGV[1])
remove_from_free(ARGV[1])
return had_lease
