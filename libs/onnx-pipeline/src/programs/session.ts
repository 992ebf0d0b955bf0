/** Worker program: one graph, run as it is asked. */
import type { NamedTensors } from '@darkroom/tensor';
import { type RunResult, Session, type SessionOptions } from '../session/session.js';
import { serve } from '../worker/serve.js';

/** What the program needs to start. */
export interface SessionProgramOptions extends SessionOptions {
  /** Path of the graph's file. */
  readonly path: string;
}

/** What the program found out while starting. */
export interface SessionReady {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** What the program offers. */
export type SessionMethods = {
  run: { args: NamedTensors; result: RunResult; event: never };
};

await serve<SessionMethods, SessionProgramOptions, SessionReady>(async (options) => {
  const session = await Session.load(options.path, options);
  return {
    ready: { inputNames: session.inputNames, outputNames: session.outputNames },
    handlers: {
      run: async (inputs, call) => {
        const result = await session.run(inputs);
        call.transfer(...Object.values(result.outputs).map(({ data }) => data.buffer));
        return result;
      },
    },
  };
});
