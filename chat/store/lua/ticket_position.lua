-- Tells tickets' places.
-- KEYS: 1 the hash tag
-- ARGV: ticket, lane of each
-- Returns: the position of each, from 1, or 0 when it is not in the lane.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local positions = {}
for index = 1, #ARGV, 2 do
  local rank = call('ZRANK', key('lane', ARGV[index + 1]), ARGV[index])
  positions[#positions + 1] = rank and rank + 1 or 0
end
return positions
