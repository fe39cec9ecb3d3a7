-- Gives a ticket to a counselor directly, from its lane or from whoever has it.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor, 2 ticket, 3 now (ms)
-- Returns: 1 when the counselor has it now; 0 when they are full or unknown, or it is claimed: nothing is changed.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local counselor, ticket = ARGV[1], ARGV[2]
if call('EXISTS', key('claim', ticket)) == 1 then
  return 0
end
if call('HGET', key('holder'), ticket) == counselor then
  return 1
end
local capacity = call('HGET', key('counselor', counselor), 'capacity')
if not capacity or call('ZCARD', key('held', counselor)) >= tonumber(capacity) then
  return 0
end
hold(counselor, ticket, ARGV[3])
refresh(counselor)
return 1
