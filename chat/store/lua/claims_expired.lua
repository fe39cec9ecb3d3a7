-- Lists the claims whose time is over; it changes nothing but claims without a row, which it forgets.
-- KEYS: 1 the hash tag
-- ARGV: 1 now (ms) or +inf, 2 at most how many; -1: all
-- Returns: {ticket, counselor, lane, score (ms), made at (ms), id} each, oldest first.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local expired = {}
for _, ticket in ipairs(call('ZRANGEBYSCORE', key('claims'), '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local row = call('HMGET', key('claim', ticket), 'counselor', 'lane', 'score_ms', 'at_ms', 'id')
  if row[1] then
    expired[#expired + 1] = { ticket, row[1], row[2], row[3], row[4], row[5] }
  else
    call('ZREM', key('claims'), ticket)
  end
end
return expired
