-- Lists the tickets whose visitor was last seen before an instant.
-- KEYS: 1 the hash tag
-- ARGV: 1 before (ms), 2 at most how many
-- Returns: tickets, longest unseen first.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
return call('ZRANGEBYSCORE', key('seen'), '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
