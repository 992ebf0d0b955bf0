import { Script } from './script.js';

/**
 * Start-time fair queueing (Goyal, Vin & Cheng 1996) on BullMQ's priorities.
 *
 * Each job gets a start tag: the later of the virtual time and its tenant's last finish tag. Its finish tag is that plus its cost over
 * the tenant's weight. Jobs are taken in the order of their start tags, so tenants that have work waiting get compute in proportion to
 * their weights, however many jobs they send; the virtual time is the start tag of the job that is next.
 *
 * BullMQ keeps waiting jobs in a sorted set whose score is priority × 2^32 plus a counter, and the priority again in the job's hash. A
 * priority has 21 bits: tags are counted in hundredths of a second, and all are moved down when they have come half-way up.
 * While nothing waits nobody is held back, so everything begins at 0 again.
 *
 * Which jobs and tenants are touched is known only inside, so not all keys are among KEYS: one Redis with its replicas, no Redis Cluster.
 *
 * KEYS[1]  BullMQ's sorted set of waiting jobs
 * KEYS[2]  sorted set: each tenant's last finish tag, in seconds
 * KEYS[3]  hash: each tenant's weight
 */
const tags = `
local UNIT, COUNTERS, MOST = 0.01, 4294967296, 2097151

-- Admitted work is counted in spans of so many seconds of Redis' own clock.
local SPAN = 15
local function spanKey(prefix, span) return prefix .. string.format('%.0f', span) end

local function tagOf(score) return (math.floor(tonumber(score) / COUNTERS) - 1) * UNIT end

local now = 0
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if head[2] then now = tagOf(head[2]) else redis.call('DEL', KEYS[2], KEYS[3]) end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)

-- Seconds of device time that are served before a job of that tag: of each tenant what it has up to there.
local function ahead(tag)
  local flows = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  local sum = 0
  for i = 1, #flows, 2 do
    local weight = tonumber(redis.call('HGET', KEYS[3], flows[i]) or 1)
    sum = sum + weight * math.max(0, math.min(tonumber(flows[i + 1]), tag) - now)
  end
  return sum
end
`;

/**
 * Gives a job its place, or refuses it and changes nothing.
 *
 * A job comes before the less urgent ones that its own tenant has waiting: it takes the first one's tag, and all of those move back by
 * its cost, so other tenants don't notice.
 *
 * KEYS[4]  set: the tenant's waiting jobs of normal urgency
 * KEYS[5]  set: those of low urgency
 * KEYS[6]  what was answered for this job before
 * KEYS[7]  what a span's key begins with: seconds of device time that were admitted in it
 * ARGV[1]  tenant
 * ARGV[2]  its weight
 * ARGV[3]  seconds of device time that the job costs
 * ARGV[4]  urgency: 1, 0 or -1
 * ARGV[5]  job
 * ARGV[6]  what a job's key has before its name
 * ARGV[7]  most seconds of device time that may be served before it
 * ARGV[8]  most jobs that may wait
 * ARGV[9]  seconds to remember the answer for, since the job may be submitted twice; 0 for never
 * ARGV[10] seconds to keep the other keys for
 * ARGV[11] seconds to keep what was admitted for
 * Returns  'admitted', 'late' or 'full'; the priority; the seconds that are served before it
 */
export const admitScript = new Script(`
${tags}
local known = redis.call('GET', KEYS[6])
if known then
  local priority, seconds = string.match(known, '^(%d+) (.+)$')
  return { 'admitted', tonumber(priority), seconds }
end

local base = math.floor(now / UNIT)
if base > MOST / 2 then
  local waiting = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local score = tonumber(waiting[i + 1]) - base * COUNTERS
    redis.call('ZADD', KEYS[1], string.format('%.0f', score), waiting[i])
    redis.call('HSET', ARGV[6] .. waiting[i], 'priority', math.floor(score / COUNTERS))
  end
  local flows = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  for i = 1, #flows, 2 do redis.call('ZINCRBY', KEYS[2], -base * UNIT, flows[i]) end
  now = now - base * UNIT
end

local tenant, weight, cost, urgency = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local finish = math.max(now, tonumber(redis.call('ZSCORE', KEYS[2], tenant) or now))
local start = finish

local later = {}
local function overtake(key)
  for _, job in ipairs(redis.call('SMEMBERS', key)) do
    local score = redis.call('ZSCORE', KEYS[1], job)
    if score then
      table.insert(later, { job, tonumber(score) })
      start = math.min(start, tagOf(score))
    else
      redis.call('SREM', key, job)
    end
  end
end
if urgency > 0 then overtake(KEYS[4]) end
if urgency >= 0 then overtake(KEYS[5]) end

local seconds = ahead(start)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[8]) then return { 'full', 0, tostring(ahead(math.huge)) } end
if seconds > tonumber(ARGV[7]) then return { 'late', 0, tostring(seconds) } end

local step = cost / weight
if #later > 0 then
  -- Whole units, and at least one: it must come before them.
  local units = math.max(1, math.ceil(step / UNIT))
  step = units * UNIT
  for _, pair in ipairs(later) do
    local score = math.min(pair[2] + units * COUNTERS, (MOST + 1) * COUNTERS - 1)
    redis.call('ZADD', KEYS[1], string.format('%.0f', score), pair[1])
    redis.call('HSET', ARGV[6] .. pair[1], 'priority', math.floor(score / COUNTERS))
  end
end
redis.call('ZADD', KEYS[2], string.format('%.9f', finish + step), tenant)
redis.call('HSET', KEYS[3], tenant, weight)

local own = urgency == 0 and KEYS[4] or urgency < 0 and KEYS[5]
if own then
  -- Those that were taken meanwhile are forgotten a few at a time, faster than new ones come.
  for _, job in ipairs(redis.call('SRANDMEMBER', own, 4)) do
    if not redis.call('ZSCORE', KEYS[1], job) then redis.call('SREM', own, job) end
  end
  redis.call('SADD', own, ARGV[5])
  redis.call('EXPIRE', own, ARGV[10])
end
redis.call('EXPIRE', KEYS[2], ARGV[10])
redis.call('EXPIRE', KEYS[3], ARGV[10])

local arrivals = spanKey(KEYS[7], math.floor(redis.call('TIME')[1] / SPAN))
redis.call('INCRBYFLOAT', arrivals, cost)
redis.call('EXPIRE', arrivals, ARGV[11])

local priority = math.min(MOST, math.floor(start / UNIT) + 1)
if tonumber(ARGV[9]) > 0 then redis.call('SET', KEYS[6], priority .. ' ' .. seconds, 'EX', ARGV[9]) end
return { 'admitted', priority, tostring(seconds) }
`);

/**
 * Tells where waiting jobs are.
 *
 * KEYS[4]  BullMQ's list of jobs that come before all others: those that were begun and put back
 * ARGV     the jobs
 * Returns  for each its place, 1 for the next one, and the seconds of device time that are served before it; place 0 when it doesn't wait
 */
export const lookScript = new Script(`
${tags}
local first = redis.call('LLEN', KEYS[4])
local answer = {}
for _, job in ipairs(ARGV) do
  local rank = redis.call('ZRANK', KEYS[1], job)
  if rank then
    table.insert(answer, first + rank + 1)
    table.insert(answer, tostring(ahead(tagOf(redis.call('ZSCORE', KEYS[1], job)))))
  else
    table.insert(answer, 0)
    table.insert(answer, '0')
  end
end
return answer
`);

/**
 * Tells how much work waits, and how much was admitted lately.
 *
 * KEYS[4]  BullMQ's list of jobs that come before all others
 * KEYS[5]  what a span's key begins with
 * ARGV[1]  how many spans to look back
 * Returns  seconds of device time that wait; jobs that wait, without those put back; jobs that were put back; seconds of a span; then
 *          what was admitted in each whole span, the oldest first
 */
export const workloadScript = new Script(`
${tags}
local answer = { tostring(ahead(math.huge)), redis.call('ZCARD', KEYS[1]), redis.call('LLEN', KEYS[4]), SPAN }
local span = math.floor(redis.call('TIME')[1] / SPAN)
for i = tonumber(ARGV[1]), 1, -1 do
  table.insert(answer, redis.call('GET', spanKey(KEYS[5], span - i)) or '0')
end
return answer
`);
