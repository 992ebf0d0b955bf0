import { boundariesCheck } from './checks/boundaries.js';
import { runChecks } from './run/run-checks.js';
import { workspaceRoot } from './workspace/root.js';

const { failed } = await runChecks([boundariesCheck(workspaceRoot)]);
process.exitCode = failed === 0 ? 0 : 1;
