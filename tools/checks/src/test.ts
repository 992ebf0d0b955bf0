import { endEarlyWhenTold } from './run/end-early.js';
import { runChecks } from './run/run-checks.js';
import { stages } from './stages.js';
import { workspaceRoot } from './workspace/root.js';

const all = stages(workspaceRoot);
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => name !== '--help' && !all.has(name));

if (chosen.includes('--help') || unknown.length > 0) {
  for (const name of unknown) console.error(`Unknown stage "${name}".`);
  console.log(`Usage: npm test [-- STAGE …]\n\nRuns every stage, or only those named: ${[...all.keys()].join(', ')}.`);
  console.log('Each stage shows its progress, and its words when something in it fails. The last line is the sum.');
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else {
  endEarlyWhenTold();
  const checks = [...all].filter(([name]) => chosen.length === 0 || chosen.includes(name)).flatMap(([, list]) => list);
  const { passed, failed } = await runChecks(checks);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
