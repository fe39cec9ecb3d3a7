-- Puts tickets into their lanes, each once.
-- A counselor who has one loses it, when named or when they have had it for long: a call that was sent again after
-- its answer got lost comes within seconds, and must not pull back a ticket that was paired meanwhile.
-- KEYS: 1 the hash tag
-- ARGV: 1 now (ms), 2 counselor who loses them, or '', 3 what counts as long (ms);
--       then ticket, lane, score (ms), opened (ms), wishes or '' of each
-- Returns: of each {position from 1, 1 when it waits there alone, 1 when a counselor may be free for the lane};
--          {0, 0, 0} when it is claimed, or was taken just now.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local now, counselor, long_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function take_back(ticket)
  local claimant = call('HGET', key('claim', ticket), 'counselor')
  if counselor ~= '' and counselor ~= claimant then
    unhold(counselor, ticket)
    refresh(counselor)
  end
  local holder = call('HGET', key('holder'), ticket)
  if holder and not claimant then
    local since = tonumber(call('ZSCORE', key('held', holder), ticket) or 0)
    if since <= tonumber(now) - long_ms then
      unhold(holder, ticket)
      refresh(holder)
    end
  end
end

local function enqueue(ticket, lane, score, opened, wishes)
  take_back(ticket)
  if is_taken(ticket) then
    return { 0, 0, 0 }
  end
  join_lane(lane, ticket, score, opened)
  write_wishes(ticket, wishes)
  call('ZADD', key('seen'), 'GT', now, ticket)
  local is_alone = call('ZCARD', key('lane', lane)) == 1
  local may_pair = call('EXISTS', key('free', lane))
  return { call('ZRANK', key('lane', lane), ticket) + 1, is_alone and 1 or 0, may_pair }
end

local arrivals = {}
for index = 4, #ARGV, 5 do
  arrivals[#arrivals + 1] = enqueue(unpack(ARGV, index, index + 4))
end
return arrivals
