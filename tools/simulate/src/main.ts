import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { indent, LocalError, runCommand, table } from '@darkroom/local';
import { agreement } from './agreement.js';
import type { Sample } from './outcome.js';
import { linePlot } from './plots.js';
import { writePlots, writeReport } from './report.js';
import { choices, type Given, numbers, runOptions } from './run-options.js';
import { Simulation } from './simulation.js';
import { knownTimes } from './step-times.js';
import { studies } from './studies/registry.js';
import type { StudyResult } from './studies/study.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const docs = path.join(root, 'docs');

function help(): string {
  const commands = [
    ['run', 'one run, on a trace and a fleet of your own'],
    ...studies.map(({ name, summary }) => [name, summary]),
    [
      'agreement',
      'the real engine with the pocket model against the simulator, in two minutes on an idle machine; 1 when they differ',
    ],
    ['report', 'all of these comparisons, into docs/fleet-simulation.md'],
  ];
  const options = [
    ['--trace NAME', 'diurnal, burst (eight times as much for a sixth of the time), or a file of JSON lines'],
    ['--times NAME', `what passes take: ${knownTimes.join(', ')}, or a JSON file of that shape`],
    ...Object.entries(choices).map(([name, allowed]) => [`--${name} NAME`, allowed.join(', ')]),
    ['--admission', 'refuse what would miss its deadline, as the gateway does'],
    ...Object.entries(numbers).map(([name, [byDefault, , , words]]) => [`--${name} N`, `${words} (${byDefault})`]),
  ];
  return `npm run simulate -- NAME [options]

Runs a fleet under a virtual clock: the platform's own scheduler, fair queue, admission and scaling. Whatever it prints is simulated.

${indent(table(commands))}

For run:
${indent(table(options))}

For all:
  --json       one JSON object on standard output, nothing else
  --plots DIR  drawings (SVG) into a folder
  --quick      shorter traces, for trying the comparisons
  --seed N     another one draws other traces (1)

A line of a trace: {"at": 12.5, "tenant": "a", "width": 1024, "height": 1024, "steps": 28}, and where it should differ from what stands here
"n": 1, "guidance_scale": 4, "priority": 0, "weight": 1, "deadline": seconds.
`;
}

async function runOne(given: Given): Promise<StudyResult> {
  const options = await runOptions(given);
  const samples: Sample[] = [];
  const outcome = new Simulation({ ...options, onSample: (sample) => samples.push(sample) }).run();
  const minutes = (value: (sample: Sample) => number) => samples.map((sample) => [sample.atSeconds / 60, value(sample)] as const);
  const shown = (value: unknown) => (typeof value === 'number' ? String(Number(value.toPrecision(5))) : String(value));
  return {
    simulated: true,
    title: 'One run',
    setting: `${options.times.name}; ${options.ordering.name}; replicas by ${options.scaler.name}.`,
    tables: [
      {
        caption: 'What came of it',
        head: ['figure', 'value'],
        rows: Object.entries(outcome).map(([name, value]) => [name, shown(value)]),
      },
    ],
    plots: {
      'simulated-run.svg': linePlot('devices by time', { label: 'minutes' }, { label: 'devices', least: 0 }, [
        { name: 'asked for', points: minutes(({ replicas }) => replicas) },
        { name: 'ready', points: minutes(({ ready }) => ready) },
        { name: 'work that arrives a second', points: minutes(({ arriving }) => arriving) },
      ]),
    },
    outcomes: { run: outcome },
  };
}

/** Runs the engine and the simulator side by side, and returns 1 when they differ by more than a tenth. */
async function compare(given: Given, say: (line: string) => void): Promise<number> {
  const found = await agreement({ root, seed: Number(given['seed'] ?? 1), quick: given['quick'] === true, say });
  const rows = found.map(({ load, figure, engine, simulated, holds }) => [
    `${load}`,
    figure,
    engine.toPrecision(4),
    simulated.toPrecision(4),
    `${(100 * (simulated / engine - 1)).toFixed(1)} %${holds ? '' : ', more than 10 %'}`,
  ]);
  const text = indent(table([['load', 'figure', 'engine', 'simulated', 'apart'], ...rows]));
  process.stdout.write(`${given['json'] === true ? JSON.stringify({ agreement: found }) : text}\n`);
  return found.every(({ holds }) => holds) ? 0 : 1;
}

function print({ title, setting, tables }: StudyResult): string {
  const blocks = tables.map(({ caption, head, rows }) => `${caption}:\n${indent(table([head, ...rows]))}`);
  return [`Simulated: ${title}`, setting, ...blocks].join('\n\n');
}

async function main(): Promise<number> {
  const texts = [...Object.keys(numbers), ...Object.keys(choices), 'trace', 'times', 'plots'];
  const switches = ['admission', 'json', 'quick'];
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...Object.fromEntries(texts.map((name) => [name, { type: 'string' as const }])),
      ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }])),
      help: { type: 'boolean', short: 'h' },
    },
  });
  const given: Given = values;
  if (given['help'] === true) {
    process.stdout.write(help());
    return 0;
  }
  const [name, ...more] = positionals;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (name === 'agreement' && more.length === 0) return await compare(given, say);
  const chosen = studies.filter((study) => study.name === name || name === 'report');
  if (more.length > 0 || (chosen.length === 0 && name !== 'run')) {
    throw new LocalError(`${name === undefined ? 'Say what to run' : `Unknown "${positionals.join(' ')}"`}.\n\n${help()}`);
  }
  const results = name === 'run' ? [await runOne(given)] : [];
  for (const study of chosen)
    results.push(await study.run({ quick: given['quick'] === true, seed: Number(given['seed'] ?? 1), say }));
  if (given['plots'] !== undefined) await writePlots(path.resolve(String(given['plots'])), results);
  if (name === 'report') say(`written to ${await writeReport(docs, results)}`);
  const told = results.map(({ plots: _, ...result }) => result);
  const text = given['json'] === true ? JSON.stringify({ simulated: true, results: told }) : results.map(print).join('\n\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

await runCommand(main);
