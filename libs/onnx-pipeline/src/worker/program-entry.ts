/** Where a worker program's entry file is, and the Node options it needs. */
export interface ProgramEntry {
  readonly url: URL;
  readonly execArgv: string[];
}

/**
 * Finds a program of `programs/` beside this file: compiled when this file is, else the TypeScript itself.
 *
 * Specs run from source, and a worker thread inherits none of the test runner's transforms. Node strips types by itself; what
 * it needs besides is to resolve workspace packages and `.js` specifiers to sources, which `source-hooks.mjs` does. The process's own Node
 * options, preloaded modules among them, are meant for its main thread and not passed on.
 */
export function programEntry(program: string): ProgramEntry {
  const compiled = import.meta.url.endsWith('.js');
  const url = new URL(`../programs/${program}.${compiled ? 'js' : 'ts'}`, import.meta.url);
  const hooks = new URL('source-hooks.mjs', import.meta.url);
  return { url, execArgv: compiled ? [] : ['--conditions=darkroom-source', `--import=${hooks.href}`] };
}
