-- The ticket waits no more (it left, expired, or another has it): only the counselor is free again.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 id of the claim, 3 lane, 4 how long the call is remembered (ms)
-- Returns: 1 when the claim stood, else 0.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local ticket, id = ARGV[1], ARGV[2]
if call('GET', key('call', id)) == '+dropped' then
  return 1
end
local claim = settle(ticket, id, '+dropped', ARGV[4])
if claim then
  release_claimed(claim, ticket)
end
leave_lane(ARGV[3], ticket)
call('HDEL', key('wishes'), ticket)
return claim and 1 or 0
