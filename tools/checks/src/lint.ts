import { endEarlyWhenTold } from './run/end-early.js';
import { runChecks } from './run/run-checks.js';
import { staticChecks } from './stages.js';
import { workspaceRoot } from './workspace/root.js';

endEarlyWhenTold();
const { failed } = await runChecks(staticChecks(workspaceRoot));
process.exitCode = failed === 0 ? 0 : 1;
