-- Tells tickets' places, to their visitors or to somebody else.
-- KEYS: 1 the hash tag
-- ARGV: 1 now (ms) where the visitors ask, who are here then, else ''; then ticket, lane of each
-- Returns: the position of each, from 1, or 0 when it is not in the lane.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local positions = {}
for index = 2, #ARGV, 2 do
  local rank = call('ZRANK', key('lane', ARGV[index + 1]), ARGV[index])
  if rank and ARGV[1] ~= '' then
    call('ZADD', key('seen'), 'GT', ARGV[1], ARGV[index])
  end
  positions[#positions + 1] = rank and rank + 1 or 0
end
return positions
