import { DarkroomError } from '@darkroom/contracts';
import { PipelineError } from '@darkroom/onnx-pipeline';
import { describe, expect, it } from 'vitest';
import { fromPipeline, translateErrors } from './from-pipeline.js';

describe('fromPipeline', () => {
  it('keeps what the caller may know', () => {
    expect(fromPipeline(PipelineError.invalidArgument('size', 'size 1x1 is too small'))).toMatchObject({
      name: 'DarkroomError',
      code: 'invalid_argument',
      param: 'size',
      message: 'size 1x1 is too small',
    });
    expect(fromPipeline(PipelineError.cancelled()).code).toBe('cancelled');
    expect(fromPipeline(new PipelineError('unavailable', 'the thread died')).code).toBe('unavailable');
    expect(fromPipeline(new PipelineError('provider_unavailable', 'no GPU')).code).toBe('unavailable');
  });

  it('keeps what went wrong inside to the log', () => {
    const inner = new PipelineError('internal', 'node 17 of the graph at address 0x1234');
    expect(fromPipeline(inner)).toMatchObject({ code: 'internal', message: 'an internal error occurred', cause: inner });
    expect(fromPipeline(new TypeError('x is undefined')).code).toBe('internal');
  });
});

it('translateErrors passes results and translates errors', async () => {
  expect(await translateErrors(Promise.resolve(3))).toBe(3);
  await expect(translateErrors(Promise.reject(PipelineError.cancelled()))).rejects.toBeInstanceOf(DarkroomError);
});
