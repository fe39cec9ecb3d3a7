-- Gives a ticket that waits, or is under a claim, another score and other wishes: its row has changed.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 lane, 3 score (ms), 4 wishes, or ''
-- Returns: 1 when it was there, else 0 and nothing is changed.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local ticket, lane = ARGV[1], key('lane', ARGV[2])
if call('EXISTS', key('claim', ticket)) == 1 then
  call('HSET', key('claim', ticket), 'score_ms', ARGV[3])
elseif call('ZSCORE', lane, ticket) then
  call('ZADD', lane, ARGV[3], ticket)
else
  return 0
end
write_wishes(ticket, ARGV[4])
return 1
