import { Script } from '@darkroom/service-kit/queue';

/**
 * Buckets are kept as the generic cell rate algorithm does (ATM Forum, Traffic Management 4.0, section 4.4.2): of each only the moment at
 * which it is full again, if nothing more is taken. How much is missing until then is counted in milliseconds of its own refilling, so
 * that a full bucket is one minute, and a changed limit changes nothing of what is kept.
 */
const buckets = `
local MINUTE = 60000
-- Moments are doubles of 13 digits before the point: what is finer than this is noise.
local NOISE = 0.01
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000

local function missing(key)
  return math.max(0, tonumber(redis.call('GET', key) or 0) - now)
end

-- How long until so much can be taken; all of a full bucket is enough for anything.
local function wait(key, cost)
  local short = missing(key) + math.min(cost, MINUTE) - MINUTE
  return short > NOISE and short or 0
end

local function take(key, cost)
  local full = now + missing(key) + cost
  if full <= now then redis.call('DEL', key)
  else redis.call('SET', key, string.format('%.6f', full), 'PX', math.ceil(full - now)) end
end
`;

/**
 * Takes from all of some buckets, or from none.
 *
 * KEYS     the buckets
 * ARGV[i]  what is taken of each, in milliseconds; 0 only looks, less gives back
 * Returns  which one has not enough, 0 for none; the milliseconds until it has; how much each of them misses
 */
export const takeScript = new Script(`
${buckets}
local short, longest = 0, 0
for i, key in ipairs(KEYS) do
  local ms = tonumber(ARGV[i]) > 0 and wait(key, tonumber(ARGV[i])) or 0
  if ms > longest then short, longest = i, ms end
end
local answer = { short, tostring(longest) }
for i, key in ipairs(KEYS) do
  if short == 0 and tonumber(ARGV[i]) ~= 0 then take(key, tonumber(ARGV[i])) end
  table.insert(answer, tostring(missing(key)))
end
return answer
`);

/**
 * What a tenant has begun is a hash of its generations, and the sum of their prices. Nobody has to tell it when one ends, so nobody can
 * forget to: the queue is asked. A few are looked at each time, and all of them before anything is refused.
 *
 * A generation that has ended leaves the sum when the ledger was asked after that, as it then has it. The newest answer of the ledger
 * is kept beside the sum, so that gateways agree on which have left.
 *
 * Jobs are found by what their keys begin with, so not all keys are among KEYS: one Redis with its replicas, no Redis Cluster.
 *
 * KEYS[1]  the bucket of compute
 * KEYS[2]  hash: of each begun generation its price, what its job's key begins with, its deadline, and when it was begun
 * KEYS[3]  hash: the sum of their prices; the month, what the ledger has of it, and when that was asked
 */
const begun = `
${buckets}
-- A job that is not in the queue so long after it was begun will not come any more.
local ADDING = 60000
-- Generations can be found in the queue for a day.
local KEPT_SECONDS = 90000
-- To look at one takes some microseconds, in which Redis does nothing else: of a tenant that has begun thousands they are not all looked
-- at with each request that is refused, but after this time for each of them, so for a twentieth of the time at most.
local REST = 0.05
local asOf = 0

-- When a generation ended, by the clock of whoever ended it; nil while it has not.
local function endOf(id, prefix, deadline, since)
  local job = prefix .. id
  local finished = redis.call('HGET', job, 'finishedOn')
  if finished then return tonumber(finished) end
  if redis.call('EXISTS', job) == 0 then return now - since > ADDING and since or nil end
  -- One that waits ends when it is cancelled or too late, though it stays in the queue until a worker drops it.
  if redis.call('EXISTS', job .. ':lock') == 1 then return nil end
  if redis.call('EXISTS', 'darkroom:cancelled:' .. id) == 1 or (deadline > 0 and deadline <= now) then return since end
  return nil
end

-- Whether a generation goes on; one that the ledger has is forgotten.
local function goesOn(id, record)
  local price, prefix, deadline, since = string.match(record, '^(%S+) (%S+) (%S+) (%S+)$')
  local ended = endOf(id, prefix, tonumber(deadline), tonumber(since))
  if ended and ended <= asOf then
    redis.call('HDEL', KEYS[2], id)
    redis.call('HINCRBY', KEYS[3], 'begun', '-' .. price)
  end
  return not ended
end

local function countAll()
  redis.call('HSET', KEYS[3], 'counted', string.format('%.3f', now))
  local running, all = 0, redis.call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do if goesOn(all[i], all[i + 1]) then running = running + 1 end end
  return running
end

local function sum() return tonumber(redis.call('HGET', KEYS[3], 'begun') or 0) end

-- Takes the given answer of the ledger or the kept one, whichever is newer, and returns what it has of the month.
local function ledger(month, units, asked)
  local kept = redis.call('HMGET', KEYS[3], 'month', 'units', 'asked')
  if kept[1] == month and tonumber(kept[3]) > tonumber(asked) then units, asked = kept[2], kept[3]
  else redis.call('HSET', KEYS[3], 'month', month, 'units', units, 'asked', asked) end
  -- Together, or one would be left with what the other has forgotten.
  redis.call('EXPIRE', KEYS[2], KEPT_SECONDS)
  redis.call('EXPIRE', KEYS[3], KEPT_SECONDS)
  asOf = tonumber(asked)
  return tonumber(units)
end
`;

/**
 * Begins a generation within its tenant's limits, or refuses it and changes nothing; one that was begun already is left as it is.
 *
 * ARGV[1]  generation
 * ARGV[2]  its price in compute units, a whole number
 * ARGV[3]  that in milliseconds of the bucket; 0 where there is no such limit
 * ARGV[4]  most generations at a time; 0 for no limit, as in the next
 * ARGV[5]  most compute units of the month
 * ARGV[6]  the month, what the ledger has of it (ARGV[7]), and when it was asked (ARGV[8])
 * ARGV[9]  what the job's key begins with
 * ARGV[10] its deadline; 0 for none
 * ARGV[11] 1 if the ledger was asked for this, else 0
 * Returns  'begun', 'known', or the limit that it would exceed: 'concurrent', 'month' or 'compute'; or 'ask' if it would exceed that of
 *          the month by an answer of the ledger that is too old; the milliseconds until there is enough compute; how much the bucket misses
 */
export const beginScript = new Script(`
${begun}
local id, price, cost, most, quota = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function answer(verdict, ms) return { verdict, tostring(ms or 0), tostring(missing(KEYS[1])) } end
if redis.call('HEXISTS', KEYS[2], id) == 1 then return answer('known') end

local used = ledger(ARGV[6], ARGV[7], ARGV[8])
for _, some in ipairs(redis.call('HRANDFIELD', KEYS[2], 4)) do goesOn(some, redis.call('HGET', KEYS[2], some)) end
local running = redis.call('HLEN', KEYS[2])
local function isBusy() return most > 0 and running >= most end
local function isUsedUp() return quota > 0 and used + sum() + price > quota end
if isBusy() or isUsedUp() then
  local rest = REST * running
  if isUsedUp() and ARGV[11] == '0' and now - asOf > rest then return answer('ask') end
  if now - tonumber(redis.call('HGET', KEYS[3], 'counted') or 0) >= rest then running = countAll() end
  if isBusy() then return answer('concurrent') end
  if isUsedUp() then return answer('month') end
end
if cost > 0 then
  local ms = wait(KEYS[1], cost)
  if ms > 0 then return answer('compute', ms) end
  take(KEYS[1], cost)
end
redis.call('HSET', KEYS[2], id, table.concat({ ARGV[2], ARGV[9], ARGV[10], string.format('%.0f', now) }, ' '))
redis.call('HINCRBY', KEYS[3], 'begun', ARGV[2])
redis.call('EXPIRE', KEYS[2], KEPT_SECONDS)
return answer('begun')
`);

/**
 * Forgets a generation that was begun but never came into the queue, and gives back what it took.
 *
 * ARGV[1]  generation
 * ARGV[2]  what it took of the bucket, in milliseconds
 * Returns  how much the bucket misses
 */
export const giveBackScript = new Script(`
${begun}
local record = redis.call('HGET', KEYS[2], ARGV[1])
if record then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HINCRBY', KEYS[3], 'begun', '-' .. string.match(record, '^%S+'))
  if tonumber(ARGV[2]) > 0 then take(KEYS[1], -tonumber(ARGV[2])) end
end
return tostring(missing(KEYS[1]))
`);

/**
 * Tells how much of its limits a tenant has used.
 *
 * ARGV[1]  the month, what the ledger has of it (ARGV[2]), and when it was asked (ARGV[3])
 * Returns  how many generations go on; the compute units of the month, with what has begun; how much the bucket misses
 */
export const lookScript = new Script(`
${begun}
local used = ledger(ARGV[1], ARGV[2], ARGV[3])
local running = countAll()
return { running, string.format('%.0f', used + sum()), tostring(missing(KEYS[1])) }
`);
