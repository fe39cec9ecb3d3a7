-- Takes the best ticket and the freest counselor of a lane, and leaves a claim.
-- The work does not grow with the number who wait: the look is at the first member of each sorted set. Only past
-- tickets and counselors who are kept from one another does it go on, 32 of each at most, so that such a pair holds
-- nobody else up. A counselor whose lease has run out is removed for good on the way. A ticket that is claimed or
-- held is in no lane.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane, 2 now (ms), 3 how long the claim holds (ms), 4 id of this call, and of its claim,
--       5 how long the call is remembered (ms)
-- Returns: {ticket, counselor, lane, score (ms), now (ms), id}, or nil when nobody waits or nobody is free.
--          The same call again returns the same claim while that stands.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local LOOK_AHEAD = 32
local lane, now, id = ARGV[1], tonumber(ARGV[2]), ARGV[4]

local told = call('GET', key('call', id))
if told then
  local row = call('HMGET', key('claim', told), 'id', 'counselor', 'score_ms', 'at_ms')
  return row[1] == id and { told, row[2], lane, row[3], row[4], id }
end

local function is_here(counselor)
  local lease = call('ZSCORE', key('leases'), counselor)
  return lease and tonumber(lease) > now
end

local free = {}
local function free_at(index)
  while not free[index] do
    local counselor = call('ZRANGE', key('free', lane), index - 1, index - 1)[1]
    if not counselor then
      return nil
    end
    if is_here(counselor) then
      free[index] = counselor
    else
      call('ZREM', key('free', lane), counselor)
      remove_from_free(counselor)
    end
  end
  return free[index]
end

-- Who knows the visitor's talk, if free; else the freest who is not kept from this visitor.
local function counselor_for(ticket)
  local wishes = call('HGET', key('wishes'), ticket)
  if not wishes then
    return free_at(1)
  end
  local knows, csv = string.match(wishes, '^([^;]*);(.*)$')
  local avoids = {}
  for counselor in each_lane(csv) do
    avoids[counselor] = true
  end
  if not avoids[knows] and call('ZSCORE', key('free', lane), knows) and is_here(knows) then
    return knows
  end
  for index = 1, LOOK_AHEAD do
    local counselor = free_at(index)
    if not counselor or not avoids[counselor] then
      return counselor
    end
  end
end

if not free_at(1) then
  return nil
end
local ticket, score, counselor
for index = 0, LOOK_AHEAD - 1 do
  local row = call('ZRANGE', key('lane', lane), index, index, 'WITHSCORES')
  ticket, score = row[1], row[2]
  counselor = ticket and counselor_for(ticket)
  if counselor or not ticket then
    break
  end
end
if not counselor then
  return nil
end
score = whole(score)
local opened = whole(call('ZSCORE', key('opened', lane), ticket) or score)
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
