-- Takes the lock of a rebuild and clears what will be written anew. Leases, claims and signs of life stay.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild, 2 how long the lock holds (ms)
-- Returns: 'mine' when the lock is ours, 'busy' when another rebuilds, 'stands' when there is nothing to do.
if not queue_lost() then
  return 'stands'
end
if not call('SET', key('rebuild'), ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 'busy'
end
for _, lane in ipairs(call('SMEMBERS', key('lanes'))) do
  call('UNLINK', key('lane', lane), key('opened', lane), key('free', lane))
end
for _, counselor in ipairs(call('SMEMBERS', key('counselors'))) do
  call('UNLINK', key('held', counselor), key('counselor', counselor))
end
call('UNLINK', key('lanes'), key('counselors'), key('holder'))
return 'mine'
