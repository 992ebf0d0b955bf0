#!/usr/bin/env node
// Sets a fresh clone up (dependencies, redis-server, build), then hands over to a command under the pinned Node.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 20 on.
// Progress goes to standard error: standard output belongs to the command.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const modules = path.join(root, 'node_modules');
const endWithParent = pathToFileURL(path.join(root, 'tools/local/end-with-parent.mjs')).href;
const buildStamp = path.join(modules, '.cache/darkroom/build.json');

/**
 * What each command runs once everything is set up; `redis` says that it may start the platform. The launcher does next to nothing once
 * all is ready, so that it collects its garbage early instead of keeping some 40 MiB of it.
 */
const commands = {
  start: { entry: 'tools/local/dist/start.js', redis: true, nodeOptions: ['--optimize-for-size', '--max-semi-space-size=1'] },
  generate: { entry: 'tools/local/dist/generate.js', redis: true },
  keys: { entry: 'tools/local/dist/keys.js', redis: false },
  operators: { entry: 'tools/local/dist/operators.js', redis: false },
  models: { entry: 'tools/local/dist/models.js', redis: false },
  audit: { entry: 'tools/local/dist/audit.js', redis: true },
  backup: { entry: 'tools/local/dist/backup.js', redis: false },
  restore: { entry: 'tools/local/dist/restore.js', redis: false },
  bench: { entry: 'tools/bench/dist/main.js', redis: true },
  simulate: { entry: 'tools/simulate/dist/main.js', redis: false },
  evaluate: { entry: 'tools/evaluate/dist/main.js', redis: false },
  gallery: { entry: 'tools/evaluate/dist/gallery-main.js', redis: false },
  cluster: { entry: 'tools/deployment/dist/cluster/main.js', redis: true },
  upgrade: { entry: 'tools/upgrade/dist/main.js', redis: true },
  images: { entry: 'tools/deployment/dist/images/main.js', redis: false },
  redteam: { entry: 'tools/redteam/dist/main.js', redis: true },
  test: { entry: 'tools/checks/dist/test.js', redis: true },
  setup: { entry: undefined, redis: true },
};

/** Thrown when set-up can't go on; its message is all that the user needs. */
class SetupError extends Error {}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs one step of the set-up, showing its name, a sign of life every five seconds, and its output when it fails. */
async function step(title, command, args, options = {}) {
  const started = Date.now();
  const elapsed = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  say(`  ${title} …`);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const life = setInterval(() => say(`  ${title} … ${elapsed()}`), 5000);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once('close', resolve);
  });
  clearInterval(life);
  if (code !== 0) throw new SetupError(`${title} failed (${command} ${args.join(' ')}):\n\n${output.trim()}`);
  say(`  ${title}: done in ${elapsed()}`);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Tells whether every package of the lock file lies in node_modules in the locked version. */
function dependenciesInstalled() {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const present = readJson(path.join(modules, '.package-lock.json'))?.packages;
  if (wanted === undefined)
    throw new SetupError('package-lock.json is missing or broken: restore it with `git checkout package-lock.json`.');
  if (present === undefined) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.includes('node_modules/')) return true;
    const found = present[name];
    // Other platforms' binaries are locked as optional packages and rightly absent here.
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return entry.link === true || found.version === entry.version;
  });
}

async function installDependencies() {
  if (dependenciesInstalled()) return;
  // `npm ci` empties node_modules first, which is slow where only a few packages changed.
  const verb = existsSync(path.join(modules, '.package-lock.json')) ? 'install' : 'ci';
  await step(
    'Installing dependencies (about a minute)',
    'npm',
    [verb, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', SKIP_BINARY_DOWNLOAD: '1' },
    },
  );
}

/** Finds the Node that everything after this script runs on. */
function pinnedNode() {
  const pinned = path.join(modules, '.bin/node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new SetupError(
    `Darkroom needs Node 24 or newer, and its own copy exists for Linux on x64 only. This is Node ${process.versions.node} on ${process.platform}-${process.arch}: install Node 24 (see .nvmrc) and try again.`,
  );
}

function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}

async function provideRedis() {
  if (process.env.REDIS_URL || onPath('redis-server')) return;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new SetupError(
      'Darkroom needs redis-server. Install it (`sudo apt-get install redis-server`, `brew install redis`), or set REDIS_URL to a Redis that runs already.',
    );
  }
  // RUNLEVEL=1 keeps Debian's package from starting a Redis of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'];
  try {
    await step('Installing redis-server', 'apt-get', install, { env });
  } catch {
    // The package lists of a fresh machine are empty or old.
    await step('Refreshing the package lists', 'apt-get', ['update', '-qq'], { env });
    await step('Installing redis-server', 'apt-get', install, { env });
  }
}

/** Digests names, sizes and times of all that the build reads, which is quick and never misses an edit. */
function sourcesDigest() {
  const digest = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    digest.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else if (/\.(ts|tsx|json|sql)$/.test(entry.name)) add(file);
    }
  };
  const packages = ['apps', 'libs', 'tools']
    .map((group) => path.join(root, group))
    .filter((group) => existsSync(group))
    .flatMap((group) =>
      readdirSync(group)
        .sort()
        .map((name) => path.join(group, name)),
    );
  for (const folder of packages) {
    for (const name of ['package.json', 'tsconfig.json']) if (existsSync(path.join(folder, name))) add(path.join(folder, name));
    if (existsSync(path.join(folder, 'src'))) walk(path.join(folder, 'src'));
  }
  for (const name of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json'])
    if (existsSync(path.join(root, name))) add(path.join(root, name));
  // A `dist` that someone cleaned away must be seen too.
  for (const folder of packages) digest.update(`${path.basename(folder)} ${existsSync(path.join(folder, 'dist'))}\n`);
  return digest.digest('hex');
}

function isBuilt() {
  return readJson(buildStamp)?.digest === sourcesDigest();
}

async function build(node) {
  if (isBuilt()) return;
  await step('Building', node, [path.join(modules, '.bin/nx'), 'run-many', '-t', 'build', '--outputStyle=static'], {
    // Nx's daemon would outlive the command.
    env: {
      ...process.env,
      PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
    },
  });
  mkdirSync(path.dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, JSON.stringify({ digest: sourcesDigest() }));
}

/**
 * Goes on as the command, under the pinned Node. Only a Node before 22.15, which can't be replaced in its process, stays beside the command,
 * in the foreground, and ends as it ended.
 */
function handOver(node, { entry, nodeOptions = [] }, args) {
  const file = path.join(root, entry);
  const fromNpm = process.env.npm_lifecycle_event !== undefined;
  const options = [...nodeOptions, ...(fromNpm ? ['--import', endWithParent] : [])];
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: path.join(modules, '.cache/darkroom/compile'),
    PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
  };
  if (process.execve !== undefined) process.execve(node, [node, ...options, file, ...args], env);
  // The channel carries nothing: it closes when this process dies, however it dies, and the command then stops.
  const child = spawn(node, [...nodeOptions, file, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (fromNpm) import(endWithParent);
  child.once('error', (error) => {
    say(`Cannot run ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Does the set-up alone: a second command on a fresh clone waits for the first instead of emptying its node_modules. */
async function alone(work) {
  const lock = path.join(root, '.darkroom/setup.lock');
  mkdirSync(path.dirname(lock), { recursive: true, mode: 0o700 });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lock, 'utf8'));
      if (!isAlive(owner)) rmSync(lock, { force: true });
      else {
        if (!told) say(`  Waiting for the set-up that process ${owner} is at …`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }
  // Ctrl-C during a step ends this process; a dead owner's lock is taken over.
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = commands[name];
  if (command === undefined)
    throw new SetupError(
      `Unknown command ${name === undefined ? '(none)' : `"${name}"`}. Known: ${Object.keys(commands).join(', ')}.`,
    );
  const redisMissing = command.redis && !process.env.REDIS_URL && !onPath('redis-server');
  if (redisMissing || !dependenciesInstalled() || !isBuilt()) {
    await alone(async () => {
      await installDependencies();
      if (command.redis) await provideRedis();
      await build(pinnedNode());
    });
  }
  const node = pinnedNode();
  if (command.entry !== undefined) handOver(node, command, args);
}

main().catch((error) => {
  say(error instanceof SetupError ? `\n${error.message}` : error.stack);
  process.exitCode = 1;
});
