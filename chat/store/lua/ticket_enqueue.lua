-- Puts a ticket into its lane, once.
-- A counselor who has it loses it, when named or when they have had it for long: a call that was sent again after
-- its answer got lost comes within seconds, and must not pull back a ticket that was paired meanwhile.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 lane, 3 score (ms), 4 opened (ms), 5 now (ms), 6 counselor who loses it, or '',
--       7 what counts as long (ms), 8 wishes, or ''
-- Returns: {position from 1, 1 when it waits there alone, 1 when a counselor may be free for the lane};
--          {0, 0, 0} when it is claimed, or was taken just now.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local ticket, lane, counselor = ARGV[1], ARGV[2], ARGV[6]
local claimant = call('HGET', key('claim', ticket), 'counselor')
if counselor ~= '' and counselor ~= claimant then
  unhold(counselor, ticket)
  refresh(counselor)
end
local holder = call('HGET', key('holder'), ticket)
if holder and not claimant then
  local since = tonumber(call('ZSCORE', key('held', holder), ticket) or 0)
  if since <= tonumber(ARGV[5]) - tonumber(ARGV[7]) then
    unhold(holder, ticket)
    refresh(holder)
  end
end
if is_taken(ticket) then
  return { 0, 0, 0 }
end
join_lane(lane, ticket, ARGV[3], ARGV[4])
write_wishes(ticket, ARGV[8])
call('ZADD', key('seen'), 'GT', ARGV[5], ticket)
local is_alone = call('ZCARD', key('lane', lane)) == 1
local may_pair = call('EXISTS', key('free', lane))
return { call('ZRANK', key('lane', lane), ticket) + 1, is_alone and 1 or 0, may_pair }
