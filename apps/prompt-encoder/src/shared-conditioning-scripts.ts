/**
 * The scripts of the shared cache. An index of two keys stands beside the entries: a sorted set of their last uses, and a hash of
 * their sizes with the sum. Both expire with the entry that was used last, so that nothing stays when nothing is used.
 *
 * Which entries have to go is known only inside, so their keys are not among KEYS: one Redis with its replicas, no Redis Cluster.
 */

/**
 * Reads an entry and makes it the most recently used.
 *
 * KEYS[1]  the entry
 * KEYS[2]  sorted set: names of the entries by the microsecond of their last use
 * KEYS[3]  hash: bytes of each entry by its name, and their sum as `total`
 * ARGV[1]  the entry's name
 * ARGV[2]  milliseconds for which an entry is kept after its last use
 * Returns  the entry's bytes, or nothing when there is none
 */
export const readEntry = `
local entry = redis.call('GET', KEYS[1])
if not entry then return false end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
-- A Redis without memory left refuses this one command; the entry can be read all the same.
local touched = redis.pcall('ZADD', KEYS[2], 'XX', 'CH', now, ARGV[1])
if touched == 1 then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
end
return entry
`;

/**
 * Keeps an entry, dropping the least recently used ones to make room. Its size must be within the limit.
 *
 * KEYS[1]  the entry
 * KEYS[2]  sorted set, as above
 * KEYS[3]  hash, as above
 * ARGV[1]  the entry's name
 * ARGV[2]  milliseconds for which an entry is kept after its last use
 * ARGV[3]  the entry's bytes
 * ARGV[4]  the size that counts for it
 * ARGV[5]  the limit of the sum of sizes
 * ARGV[6]  what an entry's key has before its name
 * ARGV[7]  how many expired entries to take out of the index at most
 * Returns  how many entries were dropped to make room
 */
export const keepEntry = `
-- First of all: a Redis without memory left refuses it here, where nothing has changed yet.
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])

local function forget(name)
  redis.call('ZREM', KEYS[2], name)
  local size = redis.call('HGET', KEYS[3], name)
  if size then redis.call('HINCRBY', KEYS[3], 'total', -size) end
  redis.call('HDEL', KEYS[3], name)
end
local function drop(name)
  redis.call('DEL', ARGV[6] .. name)
  forget(name)
end

local known = redis.call('ZCARD', KEYS[2])
if known == 0 or known ~= redis.call('HLEN', KEYS[3]) - 1 then
  -- A part of the index is gone: all that is left of it goes too, and entries that nothing tells of expire by themselves.
  for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    if name ~= ARGV[1] then redis.call('DEL', ARGV[6] .. name) end
  end
  redis.call('DEL', KEYS[2], KEYS[3])
end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local expired = string.format('%.0f', now - ARGV[2] * 1000)
forget(ARGV[1])
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', expired, 'BYSCORE', 'LIMIT', 0, ARGV[7])) do drop(name) end

local evictions = 0
while (redis.call('HGET', KEYS[3], 'total') or 0) + ARGV[4] > tonumber(ARGV[5]) do
  drop(redis.call('ZRANGE', KEYS[2], 0, 0)[1])
  evictions = evictions + 1
end

redis.call('ZADD', KEYS[2], string.format('%.0f', now), ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[4])
redis.call('HINCRBY', KEYS[3], 'total', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return evictions
`;
