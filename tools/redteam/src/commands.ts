import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { indent, type LocalConfig, LocalError, readLocalConfig, stopSignal, table } from '@darkroom/local';
import type { Phase, RemotePlatform } from './attack/phase.js';
import { type RunOptions, run } from './attack/run.js';
import { readRun, writePrivately } from './attack/run-file.js';
import { collectFindings } from './findings/collect.js';
import { type FindingState, hasExpired, move } from './findings/finding.js';
import { FindingStore } from './findings/store.js';
import { mutate, operators } from './mutation/mutate.js';
import { type AttackCommand, type Command, help, type MoveCommand, parseCommand, type RunCommand } from './options.js';
import { reportPage } from './report/html.js';
import { makeReport, mask } from './report/report.js';
import { withSection } from './report/section.js';
import { recallTable, summaryTable } from './report/tables.js';
import { loadSet } from './sets/load-set.js';
import type { AttackRow } from './sets/row.js';

/** What every command works with. */
interface Surroundings {
  readonly config: LocalConfig;
  readonly store: FindingStore;
  readonly say: (line: string) => void;
}

/** Does what the command line says and returns the exit status. */
export async function execute(args: readonly string[]): Promise<number> {
  const parsed = parseCommand(args);
  if (parsed === undefined) {
    process.stdout.write(help);
    return 0;
  }
  const config = readLocalConfig();
  const store = new FindingStore(path.resolve(config.root, parsed.folder));
  return perform(parsed.command, { config, store, say: (line) => void process.stderr.write(`${line}\n`) });
}

async function perform(command: Command, around: Surroundings): Promise<number> {
  switch (command.name) {
    case 'run':
      return runAttacks(command.options, around);
    case 'report':
      return writeReport(command, around);
    case 'list':
      return listFindings(around);
    case 'show':
      process.stdout.write(`${JSON.stringify(await around.store.get(command.id), undefined, 2)}\n`);
      return 0;
    case 'move':
      return moveFinding(command.id, command.to, command.options, around);
    case 'regress':
      return regress(command.options, around);
    case 'operators':
      process.stdout.write(`${table(operators.map(({ level, name, about }) => [level, name, about]))}\n`);
      return 0;
  }
}

/** Reads the sets and makes disguises of what may be disguised. */
async function gatherRows(options: RunCommand, config: LocalConfig): Promise<AttackRow[]> {
  const sets = await Promise.all(options.sets.map((name) => loadSet(name, config.root, config.workingDir)));
  const rows = sets.flatMap(({ rows: all, mutable }) => (mutable ? [...all, ...mutate(all, options)] : all));
  const chosen = rows.filter(
    ({ category, level }) => options.levels.includes(level) && (category === null || options.categories.includes(category)),
  );
  const byId = new Map(chosen.map((row) => [row.id, row]));
  if (byId.size < chosen.length) throw new LocalError('Two of the sets have rows of the same id.');
  if (chosen.length === 0) throw new LocalError('No row of these sets is of these levels and categories.');
  return chosen;
}

async function runAttacks(options: RunCommand, around: Surroundings): Promise<number> {
  const { config, store, say } = around;
  const rows = await gatherRows(options, config);
  const result = await run(rows, {
    ...attackWith(options, around),
    phases: options.phases,
    arguments: {
      sets: options.sets.map((name) => name.replace(/^(?:.*[/\\]|([a-z0-9-]+=).*[/\\])/, '$1')),
      seed: options.seed,
      variants: options.variants,
      prompts_only: options.promptsOnly,
      ...options.pictures,
    },
  });
  const name = `run-${result.started_at.replaceAll(/[:.]/g, '-')}.json`;
  const file =
    options.out === undefined ? path.join(config.stateDir, 'redteam', name) : path.resolve(config.workingDir, options.out);
  await writePrivately(file, `${JSON.stringify(result)}\n`);
  say(`Result: ${file}`);
  if (options.findings && options.phases.includes('on')) {
    const { opened, reopened, known } = await collectFindings(result, store, new Date());
    say(`Findings: ${opened} new, ${reopened} opened again, ${known} known.`);
  }
  const report = makeReport(result, await store.list(), false);
  for (const { caption, header, rows: lines } of [summaryTable(report), recallTable(report)])
    process.stdout.write(`${caption}\n${indent(table([header, ...lines]))}\n\n`);
  return 0;
}

/** Turns options into what a run needs; a platform that is named is used, others are started. */
function attackWith(options: AttackCommand, { config, say }: Surroundings): Omit<RunOptions, 'phases' | 'arguments'> {
  const remote: Partial<Record<Phase, RemotePlatform>> = {};
  for (const phase of ['off', 'on'] as const) {
    const [url, moderator] = [options.urls[phase], options.moderators[phase]];
    if (url === undefined && moderator === undefined) continue;
    if (url === undefined && !options.promptsOnly)
      throw new LocalError(`--${phase}-moderator needs --${phase}-url, or --prompts-only.`);
    const variable = `REDTEAM_${phase.toUpperCase()}_KEY`;
    const apiKey = config.environment[variable] ?? '';
    if (url !== undefined && apiKey === '' && !options.promptsOnly)
      throw new LocalError(`Set ${variable} to an API key of ${url}.`);
    remote[phase] = { url: url ?? '', apiKey, moderator };
  }
  return { config, signal: stopSignal(), say, promptsOnly: options.promptsOnly, pictures: options.pictures, remote };
}

async function writeReport(
  { run: name, options }: Extract<Command, { name: 'report' }>,
  { config, store, say }: Surroundings,
): Promise<number> {
  const file = path.resolve(config.workingDir, name);
  const report = makeReport(await readRun(file), await store.list(), options.showPrompts);
  const folder = options.out === undefined ? path.dirname(file) : path.resolve(config.workingDir, options.out);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(path.join(folder, 'report.html'), reportPage(report));
  say(`Report: ${path.join(folder, 'report.html')}`);
  if (options.into !== undefined) {
    const document = path.resolve(config.workingDir, options.into);
    await writeFile(document, withSection(await readFile(document, 'utf8'), document, report));
  }
  return 0;
}

async function listFindings({ store }: Surroundings): Promise<number> {
  const now = new Date();
  const rows = (await store.list()).map((finding) => [
    finding.id,
    hasExpired(finding, now) ? 'accepted (expired)' : finding.state,
    String(finding.severity),
    String(finding.attacks.length),
    finding.last_seen.slice(0, 10),
    mask(finding.attacks[0]?.prompt ?? ''),
  ]);
  const header = ['id', 'state', 'severity', 'attacks', 'last seen', 'for instance'];
  process.stdout.write(`${table([header, ...rows], [2, 3])}\n`);
  return 0;
}

async function moveFinding(
  id: string,
  to: FindingState,
  { note, until, ...options }: MoveCommand,
  around: Surroundings,
): Promise<number> {
  const { store, say } = around;
  const finding = await store.get(id);
  const moved = move(finding, { to, at: new Date(), note, acceptedUntil: until });
  // Nobody's word is taken for it that an attack is refused now.
  if (to === 'verified' && !(await allRefused(finding.attacks, options, around))) {
    throw new LocalError(`${id} is not mended: not all of its attacks were refused.`);
  }
  if (to === 'closed') await store.addRegressions(moved);
  await store.put(moved);
  say(`${id}: ${finding.state} → ${to}`);
  return 0;
}

async function regress(options: AttackCommand, around: Surroundings): Promise<number> {
  const rows = await around.store.regressions();
  if (rows.length > 0) return (await allRefused(rows, options, around)) ? 0 : 1;
  around.say(`No regression case in ${around.store.regressionsFile}.`);
  return 0;
}

/** Makes attacks with mitigations on, and tells of each that is not refused. */
async function allRefused(rows: readonly AttackRow[], options: AttackCommand, around: Surroundings): Promise<boolean> {
  const { attacks } = await run(rows, {
    ...attackWith(options, around),
    phases: ['on'],
    arguments: { sets: ['regressions'], seed: 0, variants: 0, prompts_only: options.promptsOnly, ...options.pictures },
  });
  const others = attacks.filter(({ on }) => on?.result !== 'refused');
  for (const { id, on } of others) {
    const why = on?.result === 'unanswered' ? `was not answered: ${on.why}` : on === undefined ? 'was not tried' : 'got through';
    process.stdout.write(`${id} ${why}\n`);
  }
  process.stdout.write(`${attacks.length - others.length} of ${attacks.length} refused.\n`);
  return others.length === 0;
}
