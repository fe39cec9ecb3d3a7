-- The assignment was not committed: the ticket goes back to its old place, the counselor is free again.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 id of the claim, 3 how long the call is remembered (ms)
-- Returns: 1 when the claim stood, else 0 and nothing is changed.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local ticket, id = ARGV[1], ARGV[2]
if call('HGET', key('claim', ticket), 'id') ~= id then
  return 0
end
local claim = settle(ticket, id, '+put_back', ARGV[3])
release_claimed(claim, ticket)
if not is_taken(ticket) then
  join_lane(claim.lane, ticket, claim.score, claim.opened)
end
return 1
