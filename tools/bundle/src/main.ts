// Bundles the built service in the working folder: `dist/main.js`, and all that it imports, to `dist/bundle/main.js`.
import path from 'node:path';
import { bundle } from './bundle.js';

await bundle(path.resolve('dist/main.js'), path.resolve('dist/bundle'));
