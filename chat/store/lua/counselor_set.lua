-- Writes a counselor's state, capacity and lanes, and, when given, what the database says they hold.
-- What was assigned since shortly before the reading of the database is kept, and so is what is claimed.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor, 2 available or away, 3 capacity, 4 lanes (a,b), 5 now (ms),
--       6 last assigned (ms) or '', 7 what counts as shortly (ms), 8 1 when held tickets follow, 9… those tickets
-- Returns: the lanes in which the counselor has room and a live lease.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local counselor, now = ARGV[1], tonumber(ARGV[5])
write_counselor(counselor, ARGV[2], ARGV[3], ARGV[4], ARGV[6])

if ARGV[8] == '1' then
  local given = {}
  for index = 9, #ARGV do
    given[ARGV[index]] = true
    hold(counselor, ARGV[index], ARGV[5])
  end
  local old = call('ZRANGEBYSCORE', key('held', counselor), '-inf', '(' .. whole(now - tonumber(ARGV[7])))
  for _, ticket in ipairs(old) do
    if not given[ticket] and call('HGET', key('claim', ticket), 'counselor') ~= counselor then
      unhold(counselor, ticket)
    end
  end
end

local lanes = refresh(counselor)
local lease = call('ZSCORE', key('leases'), counselor)
if lease and tonumber(lease) > now then
  return lanes
end
return {}
