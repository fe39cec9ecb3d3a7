-- Takes the best ticket and the freest counselor of a lane, and leaves a claim; again and again, lane by lane, until
-- there are no two of them or as many claims as were asked for.
-- The work for each does not grow with the number who wait: the look is at the first member of each sorted set. Only
-- past tickets and counselors who are kept from one another does it go on, 32 of each at most, so that such a pair
-- holds nobody else up. A counselor whose lease has run out is removed for good on the way. A ticket that is claimed
-- or held is in no lane.
-- KEYS: 1 the hash tag
-- ARGV: 1 now (ms), 2 how long a claim holds (ms), 3 id of this call, 4 how long the call is remembered (ms),
--       5 how many claims at most, 6… lanes
-- Returns: a list of {ticket, counselor, lane, score (ms), now (ms), id}; a claim's id is the call's and a number.
--          The same call again returns those of its claims that stand, and, where it had made none, pairs.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local LOOK_AHEAD = 32
local now, until_ms, call_id, call_ms = tonumber(ARGV[1]), whole(tonumber(ARGV[1]) + tonumber(ARGV[2])), ARGV[3], ARGV[4]

-- What this call has claimed before; nil where it is new.
local function claims_before()
  local claims, number = {}, 1
  local told = call('GET', key('call', call_id, number))
  if not told then
    return nil
  end
  while told do
    local id = call_id .. ':' .. number
    local row = call('HMGET', key('claim', told), 'id', 'counselor', 'lane', 'score_ms', 'at_ms')
    if row[1] == id then
      claims[#claims + 1] = { told, row[2], row[3], row[4], row[5], id }
    end
    number = number + 1
    told = call('GET', key('call', call_id, number))
  end
  return claims
end

local function is_here(counselor)
  local lease = call('ZSCORE', key('leases'), counselor)
  return lease and tonumber(lease) > now
end

local function free_in(lane)
  local free = {}
  return function(index)
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
end

-- Who knows the visitor's talk, if free; else the freest who is not kept from this visitor.
local function counselor_for(ticket, lane, free_at)
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

local function best_of(lane)
  local free_at = free_in(lane)
  if not free_at(1) then
    return nil
  end
  for index = 0, LOOK_AHEAD - 1 do
    local row = call('ZRANGE', key('lane', lane), index, index, 'WITHSCORES')
    if not row[1] then
      return nil
    end
    local counselor = counselor_for(row[1], lane, free_at)
    if counselor then
      return row[1], counselor, whole(row[2])
    end
  end
end

local function claim(lane, ticket, counselor, score, id)
  local opened = whole(call('ZSCORE', key('opened', lane), ticket) or score)
  leave_lane(lane, ticket)
  local name = key('counselor', counselor)
  local idle = call('HGET', name, 'assigned_ms') or '0'
  call('HSET', name, 'assigned_ms', ARGV[1])
  call('ZADD', key('held', counselor), ARGV[1], ticket)
  call('HSET', key('holder'), ticket, counselor)
  call('HSET', key('claim', ticket), 'id', id, 'counselor', counselor, 'lane', lane, 'score_ms', score,
    'opened_ms', opened, 'at_ms', ARGV[1], 'idle_ms', idle)
  call('ZADD', key('claims'), until_ms, ticket)
  call('SET', key('call', id), ticket, 'PX', call_ms)
  refresh(counselor)
  return { ticket, counselor, lane, score, ARGV[1], id }
end

local claims = claims_before()
if claims then
  return claims
end
claims = {}
for index = 6, #ARGV do
  local lane = ARGV[index]
  while #claims < tonumber(ARGV[5]) do
    local ticket, counselor, score = best_of(lane)
    if not ticket then
      break
    end
    claims[#claims + 1] = claim(lane, ticket, counselor, score, call_id .. ':' .. #claims + 1)
  end
end
return claims
