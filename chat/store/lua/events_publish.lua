-- Publishes a batch of events, in order, as one command with one answer.
-- KEYS: 1 the hash tag
-- ARGV: channel, event, channel, event, …
-- Returns: how many events.
for index = 1, #ARGV, 2 do
  call('PUBLISH', ARGV[index], ARGV[index + 1])
end
return #ARGV / 2
