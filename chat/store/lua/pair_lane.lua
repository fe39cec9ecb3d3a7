-- Takes the best ticket and the freest counselor of a lane, and leaves a claim.
-- The work does not grow with the number who wait: each look is at the first member of a sorted set. A counselor
-- whose lease has run out is removed for good on the way. A ticket that is claimed or held is in no lane.
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

local counselor = next_counselor()
if not counselor then
  return nil
end
local first = call('ZRANGE', key('lane', lane), 0, 0, 'WITHSCORES')
local ticket = first[1]
if not ticket then
  return nil
end
local score = whole(first[2])
local opened = whole(call('ZSCORE', key('opened', lane), ticket) or first[2])
leave_lane(lane, ticket)

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
