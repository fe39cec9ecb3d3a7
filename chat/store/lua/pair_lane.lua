-- Takes the best ticket and the freest counselor of a lane, and leaves a claim.
-- The work does not grow with the number who wait: each look is at the first member of a sorted set. What should
-- not be there (a lapsed counselor, a ticket that somebody holds) is removed for good on the way.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane, 2 now (ms), 3 how long the claim holds (ms), 4 id of this call, and of its claim,
--       5 how long the call is remembered (ms)
-- Returns: {ticket, counselor, lane, score (ms), now (ms), id}, or nil when nobody waits or nobody is free.
--          The same call again returns the same claim while that stands.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local lane, now, id = ARGV[1], tonumber(ARGV[2]), ARGV[4]

local told = call('GET', key('call', id))
if told then
  local row = call('HMGET', key('claim', told), 'id', 'counselor', 'score_ms', 'at_ms')
  return row[1] == id and { told, row[2], lane, row[3], row[4], id }
end

local function next_counselor()
  while true do
    local counselor = call('ZRANGE', key('free', lane), 0, 0)[1]
    local lease = counselor and call('ZSCORE', key('leases'), counselor)
    if not counselor or (lease and tonumber(lease) > now) then
      return counselor
    end
    call('ZREM', key('free', lane), counselor)
    remove_from_free(counselor)
  end
end

local function next_ticket()
  while true do
    local first = call('ZRANGE', key('lane', lane), 0, 0, 'WITHSCORES')
    local ticket = first[1]
    if not ticket then
      return nil
    end
    local opened = call('ZSCORE', key('opened', lane), ticket)
    leave_lane(lane, ticket)
    if not is_taken(ticket) then
      return ticket, whole(first[2]), whole(opened or first[2])
    end
  end
end

local counselor = next_counselor()
if not counselor then
  return nil
end
local ticket, score, opened = next_ticket()
if not ticket then
  return nil
end

local name = key('counselor', counselor)
local idle = call('HGET', name, 'assigned_ms') or '0'
call('HSET', name, 'assigned_ms', ARGV[2])
call('ZADD', key('held', counselor), ARGV[2], ticket)
call('HSET', key('holder'), ticket, counselor)
call('HSET', key('claim', ticket), 'id', id, 'counselor', counselor, 'lane', lane, 'score_ms', score,
  'opened_ms', opened, 'at_ms', ARGV[2], 'idle_ms', idle)
call('ZADD', key('claims'), whole(now + tonumber(ARGV[3])), ticket)
call('SET', key('call', id), ticket, 'PX', ARGV[5])
refresh(counselor)
return { ticket, counselor, lane, score, ARGV[2], id }
