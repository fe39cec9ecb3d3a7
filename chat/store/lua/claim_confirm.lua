-- The assignments are committed: each claim ends and its counselor holds the ticket.
-- When a claim had run out meanwhile and was put back, or was even given to another, the commit wins:
-- the ticket leaves its lane and is held by whom the database says. The other's commit hits no row and drops.
-- KEYS: 1 the hash tag
-- ARGV: 1 how long the call is remembered (ms), then five for each claim: ticket, id of the claim, counselor, lane,
--       when the claim was made (ms)
-- Returns: a list of 1 where the claim had stood until now, 0 where it had not.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end

local function confirm(ticket, id, counselor, lane, since)
  if call('GET', key('call', id)) == '+confirmed' then
    return 1
  end
  if settle(ticket, id, '+confirmed', ARGV[1]) then
    call('HDEL', key('wishes'), ticket)
    local before = call('HGET', key('holder'), ticket)
    if before ~= counselor and call('ZSCORE', key('held', counselor), ticket) then
      hold(counselor, ticket, since)
    end
    return 1
  end
  if call('ZSCORE', key('lane', lane), ticket) or call('EXISTS', key('claim', ticket)) == 1 then
    leave_lane(lane, ticket)
    call('HDEL', key('wishes'), ticket)
    call('ZADD', key('held', counselor), 'NX', since, ticket)
    call('HSET', key('holder'), ticket, counselor)
    refresh(counselor)
  end
  return 0
end

local stood = {}
for index = 2, #ARGV, 5 do
  stood[#stood + 1] = confirm(unpack(ARGV, index, index + 4))
end
return stood
