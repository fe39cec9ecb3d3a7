-- Lists every counselor with the load.
-- KEYS: 1 the hash tag
-- ARGV: –
-- Returns: {counselor, state, load, capacity, lanes (a,b), end of the lease (ms) or 0} each, in no order.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local list = {}
for index, counselor in ipairs(call('SMEMBERS', key('counselors'))) do
  local row = call('HMGET', key('counselor', counselor), 'state', 'capacity', 'lanes')
  local lease = call('ZSCORE', key('leases'), counselor)
  list[index] = {
    counselor,
    row[1] or 'away',
    call('ZCARD', key('held', counselor)),
    tonumber(row[2] or 0),
    row[3] or '',
    lease and whole(lease) or '0',
  }
end
return list
