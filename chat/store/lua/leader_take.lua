-- Takes or renews a lease.
-- KEYS: 1 the hash tag
-- ARGV: 1 name, 2 holder, 3 how long it holds (ms)
-- Returns: 1 when it is the holder's now, else 0.
local name = key('leader', ARGV[1])
local holder = call('GET', name)
if holder and holder ~= ARGV[2] then
  return 0
end
call('SET', name, ARGV[2], 'PX', ARGV[3])
return 1
