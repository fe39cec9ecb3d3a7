-- Gives the lock of a rebuild up, so that another may try at once.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild
-- Returns: 1 when the lock was ours, else 0.
if not owns_rebuild(ARGV[1]) then
  return 0
end
return call('DEL', key('rebuild'))
