-- Put before every verb by chat/store/scripts.py; not a verb.
-- KEYS[1] is the hash tag, "{na}"; every other key is made from it here, so all lie in one slot.
-- Instants and scores are integers, milliseconds since 1970. Booleans are 1 and 0.

local call = redis.call

local function key(...)
  return table.concat({ KEYS[1], ... }, ':')
end

-- Lua writes large numbers as 1.7e+12; Redis must get every digit.
local function whole(number)
  return string.format('%.0f', number)
end

-- Names what this server's data goes back to: another after a restart, after a failover, and on a copy that was
-- put in place. '' where INFO may not be asked: then only a missing epoch tells.
local function history()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or ''
end

-- The epoch and the lock of a rebuild name the history in which they were written: in another they do not hold,
-- since the writes that followed them may be missing.
local function in_history(token)
  return token .. '@' .. history()
end

local function is_of_history(value)
  return value and string.match(value, '@(%x*)$') == history()
end

local function queue_lost()
  return not is_of_history(call('GET', key('epoch')))
end

local function owns_rebuild(token)
  return call('GET', key('rebuild')) == in_history(token)
end

local QUEUE_LOST = { err = 'QUEUELOST the epoch is gone, or from before a restart or a failover' }

local function each_lane(csv)
  return string.gmatch(csv or '', '[^,]+')
end

-- Brings the counselor's place in the free sets up to date: freest first, then longest idle.
-- A lease that has run out but was not yet noticed still counts; pair_lanes looks again.
-- Returns the lanes with room, and how many of them are new.
local function refresh(counselor)
  local row = call('HMGET', key('counselor', counselor), 'state', 'capacity', 'lanes', 'assigned_ms')
  local load = call('ZCARD', key('held', counselor))
  local is_free = row[1] == 'available'
    and load < tonumber(row[2])
    and call('ZSCORE', key('leases'), counselor)
  local score = whole(load * 1e13 + tonumber(row[4] or 0))
  local lanes, new_count = {}, 0
  for lane in each_lane(row[3]) do
    if is_free then
      new_count = new_count + call('ZADD', key('free', lane), score, counselor)
      lanes[#lanes + 1] = lane
    else
      call('ZREM', key('free', lane), counselor)
    end
  end
  return lanes, new_count
end

local function remove_from_free(counselor)
  for lane in each_lane(call('HGET', key('counselor', counselor), 'lanes')) do
    call('ZREM', key('free', lane), counselor)
  end
end

local function unhold(counselor, ticket)
  call('ZREM', key('held', counselor), ticket)
  if call('HGET', key('holder'), ticket) == counselor then
    call('HDEL', key('holder'), ticket)
  end
end

-- What the rows say of a ticket's counselors, "knows;avoids,avoids": who is asked first, and who never is.
-- '' for most.
local function write_wishes(ticket, wishes)
  if wishes == '' then
    call('HDEL', key('wishes'), ticket)
  else
    call('HSET', key('wishes'), ticket, wishes)
  end
end

local function leave_lane(lane, ticket)
  call('ZREM', key('opened', lane), ticket)
  return call('ZREM', key('lane', lane), ticket)
end

-- The ticket is the counselor's: in no lane, and with nobody else, save one who has a claim on it: there it
-- counts until the claim is settled. `since`: when it was assigned. The caller refreshes the counselor.
local function hold(counselor, ticket, since)
  local before = call('HGET', key('holder'), ticket)
  if before and before ~= counselor and call('HGET', key('claim', ticket), 'counselor') ~= before then
    unhold(before, ticket)
    refresh(before)
  end
  for _, lane in ipairs(call('SMEMBERS', key('lanes'))) do
    leave_lane(lane, ticket)
  end
  call('HDEL', key('wishes'), ticket)
  call('ZADD', key('held', counselor), 'NX', since, ticket)
  call('HSET', key('holder'), ticket, counselor)
end

local function join_lane(lane, ticket, score, opened)
  call('SADD', key('lanes'), lane)
  call('ZADD', key('opened', lane), 'NX', opened, ticket)
  return call('ZADD', key('lane', lane), 'NX', score, ticket)
end

-- A ticket that is claimed or held belongs in no lane.
local function is_taken(ticket)
  return call('HEXISTS', key('holder'), ticket) == 1 or call('EXISTS', key('claim', ticket)) == 1
end

-- Ends the claim when it is still the one with this id; returns its fields, else nil.
-- `settled` is remembered, so that the same call again changes nothing.
local function settle(ticket, id, settled, call_ms)
  call('SET', key('call', id), settled, 'PX', call_ms)
  local row = call('HMGET', key('claim', ticket), 'id', 'counselor', 'lane', 'score_ms', 'opened_ms', 'at_ms', 'idle_ms')
  if row[1] ~= id then
    return nil
  end
  call('DEL', key('claim', ticket))
  call('ZREM', key('claims'), ticket)
  return { counselor = row[2], lane = row[3], score = row[4], opened = row[5], at = row[6], idle = row[7] }
end

-- Undoes what pair_lanes did to the counselor, who keeps the turn that this pairing had used.
local function release_claimed(claim, ticket)
  unhold(claim.counselor, ticket)
  local name = key('counselor', claim.counselor)
  if call('HGET', name, 'assigned_ms') == claim.at then
    call('HSET', name, 'assigned_ms', claim.idle)
  end
  refresh(claim.counselor)
end

-- Writes what the counselor set. `assigned`: when last assigned (ms), or '' to keep what is known.
-- The caller refreshes the counselor.
local function write_counselor(counselor, state, capacity, lanes, assigned)
  remove_from_free(counselor)
  call('SADD', key('counselors'), counselor)
  call('HSET', key('counselor', counselor), 'state', state, 'capacity', capacity, 'lanes', lanes)
  if assigned ~= '' then
    call('HSET', key('counselor', counselor), 'assigned_ms', assigned)
  end
end
