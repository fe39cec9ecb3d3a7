-- The assignment is committed: the claim ends and the counselor holds the ticket.
-- When the claim had run out meanwhile and was put back, or was even given to another, the commit wins:
-- the ticket leaves its lane and is held by whom the database says. The other's commit hits no row and drops.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 id of the claim, 3 counselor, 4 lane, 5 when the claim was made (ms),
--       6 how long the call is remembered (ms)
-- Returns: 1 when the claim had stood until now, 0 when it had not.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local ticket, id, counselor = ARGV[1], ARGV[2], ARGV[3]
if call('GET', key('call', id)) == '+confirmed' then
  return 1
end
if settle(ticket, id, '+confirmed', ARGV[6]) then
  call('HDEL', key('wishes'), ticket)
  local before = call('HGET', key('holder'), ticket)
  if before ~= counselor and call('ZSCORE', key('held', counselor), ticket) then
    hold(counselor, ticket, ARGV[5])
  end
  return 1
end
if call('ZSCORE', key('lane', ARGV[4]), ticket) or call('EXISTS', key('claim', ticket)) == 1 then
  leave_lane(ARGV[4], ticket)
  call('HDEL', key('wishes'), ticket)
  call('ZADD', key('held', counselor), 'NX', ARGV[5], ticket)
  call('HSET', key('holder'), ticket, counselor)
  refresh(counselor)
end
return 0
