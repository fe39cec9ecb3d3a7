-- Tells a ticket's place.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 lane
-- Returns: the position from 1, or nil when it is not in the lane.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local rank = call('ZRANK', key('lane', ARGV[2]), ARGV[1])
return rank and rank + 1
