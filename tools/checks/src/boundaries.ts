import { boundariesCheck } from './checks/boundaries.js';
import { endEarlyWhenTold } from './run/end-early.js';
import { runChecks } from './run/run-checks.js';
import { workspaceRoot } from './workspace/root.js';

endEarlyWhenTold();
const { failed } = await runChecks([boundariesCheck(workspaceRoot)]);
process.exitCode = failed === 0 ? 0 : 1;
