-- Takes the lock of a rebuild and clears what will be written anew. Leases and signs of life stay, and so do
-- claims, unless they come from another history: there they may have been settled long ago.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild, 2 how long the lock holds (ms)
-- Returns: 'mine' when the lock is ours, 'busy' when another rebuilds, 'stands' when there is nothing to do.
if not queue_lost() then
  return 'stands'
end
local lock = call('GET', key('rebuild'))
if lock and is_of_history(lock) then
  return 'busy'
end
call('SET', key('rebuild'), in_history(ARGV[1]), 'PX', ARGV[2])
for _, lane in ipairs(call('SMEMBERS', key('lanes'))) do
  call('UNLINK', key('lane', lane), key('opened', lane), key('free', lane))
end
for _, counselor in ipairs(call('SMEMBERS', key('counselors'))) do
  call('UNLINK', key('held', counselor), key('counselor', counselor))
end
if call('EXISTS', key('epoch')) == 1 then
  for _, ticket in ipairs(call('ZRANGE', key('claims'), 0, -1)) do
    call('UNLINK', key('claim', ticket))
  end
  call('UNLINK', key('claims'))
end
call('UNLINK', key('lanes'), key('counselors'), key('holder'), key('wishes'))
return 'mine'
