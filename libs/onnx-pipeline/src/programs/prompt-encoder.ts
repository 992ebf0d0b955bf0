/** Worker program: tokenizer and text encoder. Tokenizing a long prompt takes a second, so it runs here too. */
import type { NamedTensors } from '@darkroom/tensor';
import type { PromptFormat } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { ModelFolder } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import { runtimeVersion } from '../session/onnxruntime.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { serve } from '../worker/serve.js';
import type { StageOptions } from './stage-options.js';

/** A prompt as the transformer attends to it. */
export interface EncodedPrompt {
  /** The text encoder's outputs, each of batch 1. */
  readonly conditioning: NamedTensors;
  readonly tokenCount: number;
  /** Milliseconds inside the text encoder's kernels. */
  readonly kernelMs: number;
}

/** What the program found out while starting. */
export interface PromptEncoderReady {
  readonly maxTokens: number;
  /** Version of ONNX Runtime. */
  readonly runtimeVersion: string;
}

/** What the program offers. */
export type PromptEncoderMethods = {
  encode: { args: string; result: EncodedPrompt; event: never };
  countTokens: { args: string; result: number; event: never };
};

await serve<PromptEncoderMethods, StageOptions, PromptEncoderReady>(async ({ folderPath, ...sessionOptions }) => {
  const folder = await ModelFolder.open(folderPath);
  const family = familyOf(folder);
  const { inputs, outputs } = family.textEncoder;
  const [format, session] = await Promise.all([
    family.openPromptFormat(folder),
    SelfTrimmingSession.load(folder.graphPath('text_encoder', sessionOptions.precision), sessionOptions),
  ]);
  session.expect('text_encoder', inputs, outputs);
  return {
    ready: { maxTokens: format.maxTokens, runtimeVersion: await runtimeVersion() },
    handlers: {
      encode: async (prompt, call) => {
        const tokenIds = tokenize(prompt, format);
        const result = await session.run(format.textEncoderInputs(tokenIds));
        const conditioning = Object.fromEntries(Object.entries(result.outputs).filter(([name]) => outputs.includes(name)));
        call.transfer(...Object.values(conditioning).map(({ data }) => data.buffer));
        return { conditioning, tokenCount: tokenIds.length, kernelMs: result.kernelMs };
      },
      countTokens: (prompt) => format.tokenize(prompt).length,
    },
  };
});

function tokenize(prompt: string, { maxTokens, tokenize }: PromptFormat): readonly number[] {
  const tokenIds = tokenize(prompt);
  if (tokenIds.length > maxTokens) {
    throw PipelineError.invalidArgument(
      'prompt',
      `the prompt has ${tokenIds.length} tokens, and at most ${maxTokens} are allowed`,
    );
  }
  return tokenIds;
}
