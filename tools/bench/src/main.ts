import { parseArgs } from 'node:util';
import { indent, LocalError, readLocalConfig, runCommand, stopSignal, table, usePlatform } from '@darkroom/local';
import type { BenchContext, NumberOption } from './benchmark.js';
import type { Figure } from './figures.js';
import { machine } from './machine.js';
import { benchmarks } from './registry.js';

const numberOptions: readonly NumberOption[] = ['requests', 'kills', 'seed'];

function help(): string {
  return `npm run bench -- NAME [options]

Runs a benchmark against the running platform, or against one started for it. The exit status tells only whether it ran.

${indent(table(benchmarks.map(({ name, summary }) => [name, summary])))}

  --json         one object {"figures": [{"name", "value", "unit", "wanted", "holds"}]} on standard output, nothing else
  --quick        engine, moderation: once and shortly, for trying
  --only NAMES   engine: some parts alone, for instance --only fairness,deadlines
  --plots DIR    engine: drawings (SVG) into a folder
  --requests N   gateway-kills, moderation-faults: how many, as for --kills
  --seed N       gateway-kills: another one draws other requests and moments
`;
}

function figureTable(figures: readonly Figure[]): string {
  const verdict = ({ holds }: Figure) => (holds === null ? '' : holds ? 'holds' : 'DOES NOT HOLD');
  const rows = figures.map((figure) => [figure.name, figure.value.toFixed(2), figure.unit, figure.wanted, verdict(figure)]);
  return table([['figure', 'value', 'unit', 'wanted', ''], ...rows], [1]);
}

/** Reads the options that are whole numbers. @throws LocalError for one that is none. */
function readNumbers(values: Partial<Record<NumberOption, string>>): Partial<Record<NumberOption, number>> {
  const given = numberOptions.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
  const wrong = given.find(([, text]) => !/^[1-9]\d{0,8}$/.test(text));
  if (wrong !== undefined) throw new LocalError(`--${wrong[0]} is "${wrong[1]}": it must be a whole number from 1 on.`);
  return Object.fromEntries(given.map(([name, text]) => [name, Number(text)]));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      plots: { type: 'string' },
      requests: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(help());
    return 0;
  }
  const [name, ...more] = positionals;
  const benchmark = benchmarks.find((one) => one.name === name);
  if (benchmark === undefined || more.length > 0) {
    throw new LocalError(
      `${name === undefined ? 'Name a benchmark' : `Unknown benchmark "${positionals.join(' ')}"`}.\n\n${help()}`,
    );
  }
  const unknown = (['quick', 'plots', 'only', ...numberOptions] as const).find(
    (option) => values[option] !== undefined && benchmark.options?.includes(option) !== true,
  );
  if (unknown !== undefined) throw new LocalError(`${benchmark.name} knows no --${unknown}.\n\n${help()}`);
  const config = readLocalConfig();
  const signal = stopSignal();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const context: BenchContext = {
    config,
    signal,
    say,
    quick: values.quick === true,
    plots: values.plots,
    only: values.only,
    numbers: readNumbers(values),
    withPlatform: (task) => usePlatform(config, { command: 'bench', signal, say }, task),
  };
  say(`${benchmark.name}: ${benchmark.summary}\nMachine: ${machine()}\n`);
  const figures = await benchmark.run(context);
  process.stdout.write(values.json === true ? `${JSON.stringify({ figures })}\n` : `${figureTable(figures)}\n`);
  return 0;
}

await runCommand(main);
process.exit();
