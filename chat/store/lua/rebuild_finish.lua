-- Ends a rebuild: claims that outlived the loss are counted, free sets are made, and the queue stands.
-- KEYS: 1 the hash tag
-- ARGV: 1 token of this rebuild, which becomes the epoch
-- Returns: 1, or 0 when the lock is no longer ours and nothing was written.
if not owns_rebuild(ARGV[1]) then
  return 0
end
for _, ticket in ipairs(call('ZRANGE', key('claims'), 0, -1)) do
  local row = call('HMGET', key('claim', ticket), 'counselor', 'at_ms')
  if row[1] then
    call('ZADD', key('held', row[1]), 'NX', row[2], ticket)
    call('HSETNX', key('holder'), ticket, row[1])
  else
    call('ZREM', key('claims'), ticket)
  end
end
for _, counselor in ipairs(call('SMEMBERS', key('counselors'))) do
  refresh(counselor)
end
call('SET', key('epoch'), in_history(ARGV[1]))
call('DEL', key('rebuild'))
return 1
