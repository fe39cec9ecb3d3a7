-- Tells whether the queue is there.
-- KEYS: 1 the hash tag
-- ARGV: –
-- Returns: 1, or 0 when it must be rebuilt.
return queue_lost() and 0 or 1
