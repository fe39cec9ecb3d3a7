-- Counts one try in a sliding window: a list of the instants of those that were allowed.
-- KEYS: 1 the hash tag
-- ARGV: 1 key, 2 limit, 3 window (ms), 4 now (ms), 5 'look': count nothing
-- Returns: 0 when allowed, else the whole seconds (1 or more) until one may be.
local name, limit, window, now = key('hits', ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local oldest = call('LINDEX', name, 0)
while oldest and tonumber(oldest) <= now - window do
  call('LPOP', name)
  oldest = call('LINDEX', name, 0)
end
local count = call('LLEN', name)
if count < limit and ARGV[5] == 'look' then
  return 0
end
if count < limit then
  call('RPUSH', name, ARGV[4])
  call('PEXPIRE', name, ARGV[3])
  return 0
end
-- The limit may have been lowered since: it is the hit at -limit whose end makes room.
local pivot = tonumber(call('LINDEX', name, count - limit))
return math.max(1, math.ceil((pivot + window - now) / 1000))
