-- Lists a lane as it stands, to compare it with the rows.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane
-- Returns: ticket, score (ms), wishes or '' of each in turn, next one first.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local wishes = {}
local pairs_of = call('HGETALL', key('wishes'))
for index = 1, #pairs_of, 2 do
  wishes[pairs_of[index]] = pairs_of[index + 1]
end
local list = call('ZRANGE', key('lane', ARGV[1]), 0, -1, 'WITHSCORES')
local told = {}
for index = 1, #list, 2 do
  told[#told + 1] = list[index]
  told[#told + 1] = whole(list[index + 1])
  told[#told + 1] = wishes[list[index]] or ''
end
return told
