import { runCommand } from '@darkroom/local';
import { execute } from './commands.js';

await runCommand(() => execute(process.argv.slice(2)));
process.exit();
