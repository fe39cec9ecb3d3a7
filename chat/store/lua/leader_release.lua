-- Gives a lease up.
-- KEYS: 1 the hash tag
-- ARGV: 1 name, 2 holder
-- Returns: 1 when it was the holder's, else 0.
local name = key('leader', ARGV[1])
if call('GET', name) ~= ARGV[2] then
  return 0
end
return call('DEL', name)
