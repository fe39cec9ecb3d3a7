-- Counts who has waited in a lane since before each of some instants, without its urgency.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane, 2… instants (ms)
-- Returns: a count for each.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local counts = {}
for index = 2, #ARGV do
  counts[index - 1] = call('ZCOUNT', key('opened', ARGV[1]), '-inf', '(' .. ARGV[index])
end
return counts
