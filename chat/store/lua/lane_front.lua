-- Lists a lane from its front.
-- KEYS: 1 the hash tag
-- ARGV: 1 lane, 2 how many; -1: all
-- Returns: tickets, next one first.
-- Errors: QUEUELOST
if queue_lost() then
  return QUEUE_LOST
end
local limit = tonumber(ARGV[2])
if limit == 0 then
  return {}
end
return call('ZRANGE', key('lane', ARGV[1]), 0, limit < 0 and -1 or limit - 1)
