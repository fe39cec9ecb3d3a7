-- A conversation of the counselor has ended, or goes to another.
-- KEYS: 1 the hash tag
-- ARGV: 1 counselor, 2 ticket
-- Returns: the lanes in which the counselor has room now.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
unhold(ARGV[1], ARGV[2])
return (refresh(ARGV[1]))
