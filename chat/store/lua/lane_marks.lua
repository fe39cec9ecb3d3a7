-- Reads a lane at its marks: the front ticket by ticket, the rest at some places only.
-- The work grows with the front and the marks, hardly with the number who wait.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane, 2 how many tickets the front has, 3… places from 1, ascending
-- Returns: {how many wait, tickets of the front, {ticket, score (ms), …} of each place that is taken}
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local lane = key('lane', ARGV[1])
local count = call('ZCARD', lane)
local taken = {}
for index = 3, #ARGV do
  local rank = tonumber(ARGV[index]) - 1
  if rank >= count then
    break
  end
  local found = call('ZRANGE', lane, rank, rank, 'WITHSCORES')
  taken[#taken + 1] = found[1]
  taken[#taken + 1] = whole(found[2])
end
return { count, call('ZRANGE', lane, 0, tonumber(ARGV[2]) - 1), taken }
