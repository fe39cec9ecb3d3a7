-- Counts who waits, and since when.
-- KEYS: 1 the hash tag
-- ARGV: lanes
-- Returns: for each lane {waiting, opened (ms) of who has waited longest, or ''}.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local counts = {}
for index, lane in ipairs(ARGV) do
  local oldest = call('ZRANGE', key('opened', lane), 0, 0, 'WITHSCORES')
  counts[index] = { call('ZCARD', key('lane', lane)), oldest[2] and whole(oldest[2]) or '' }
end
return counts
