-- Takes a ticket out of its lane.
-- KEYS: 1 the hash tag
-- ARGV: 1 ticket, 2 lane
-- Returns: 1 when it was there, else 0.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
call('ZREM', key('seen'), ARGV[1])
call('HDEL', key('wishes'), ARGV[1])
return leave_lane(ARGV[2], ARGV[1])
