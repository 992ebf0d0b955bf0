import { type GenerationResult, newGenerationId } from '@darkroom/contracts';
import { startRedisServer, startTraceCollector, type TraceCollector, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate, metrics, newJob, startDenoiser, stopDenoiser, useDenoiser } from './denoiser.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

let collector: TraceCollector;
let result: GenerationResult;
let counted: string;
const pictureTraceId = '1af7651916cd43dd8448eb211c80319c';
beforeAll(async () => {
  collector = await startTraceCollector();
  await stopDenoiser();
  await startDenoiser({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  result = await generate(newJob({ id: newGenerationId(), steps: 12, prompt: 'a very secret apple', traceparent }));
  const developing = { steps: 30, width: 128, height: 128, partialImages: 1 };
  await generate(newJob({ ...developing, traceparent: `00-${pictureTraceId}-b7ad6b7169203331-01` }));
  counted = await metrics();
  // Sends all spans that there are, for which it takes seconds otherwise.
  await stopDenoiser();
});
afterAll(() => collector.close());

describe('the trace of a generation', () => {
  it('goes on from its request, and tells of stages, steps and the neighbours’ part', () => {
    const { id } = result;
    const own = () => collector.spans.filter((span) => span.traceId === traceId);
    const run = own().find(({ name }) => name === 'generation');
    expect(run).toMatchObject({ kind: 'consumer', parentSpanId: 'b7ad6b7169203331', failed: false });
    expect(run?.attributes).toMatchObject({ 'darkroom.generation.id': id, 'darkroom.model': 'pocket', 'darkroom.size': '96x64' });
    const stages = own().filter(({ parentSpanId }) => parentSpanId === run?.spanId);
    expect(stages.map(({ name }) => name)).toEqual(expect.arrayContaining(['encode', 'denoise', 'decode', 'moderate', 'store']));

    const denoise = own().find(({ name }) => name === 'denoise');
    expect(denoise?.attributes).toMatchObject({ 'darkroom.passes': expect.anything(), 'darkroom.kernel_ms': expect.any(Number) });
    expect(denoise?.events.filter(({ name }) => name === 'step')).toHaveLength(12);
    expect(denoise?.events.some(({ name }) => name === 'checkpoint')).toBe(true);

    const calls = own()
      .filter(({ kind }) => kind === 'client')
      .map(({ name }) => name);
    expect(calls).toEqual(expect.arrayContaining([expect.stringContaining('VaeDecoderService/Decode')]));
    expect(collector.bodies.join('\n')).not.toContain('secret');
  });

  it('has the pictures of images that develop in it, too', () => {
    const decodings = collector.spans.filter(({ kind, name }) => kind === 'client' && name.endsWith('VaeDecoderService/Decode'));
    // One of the picture, one of the image.
    expect(decodings.filter(({ traceId: of }) => of === pictureTraceId)).toHaveLength(2);
    expect(decodings.every(({ traceId: of }) => of === pictureTraceId || of === traceId)).toBe(true);
  });

  it('is counted, as are the batches of its steps', () => {
    expect(counted).toMatch(/darkroom_batch_rows_count_count\{[^}]*\} [1-9]/);
    expect(counted).toMatch(/darkroom_step_checkpoint_seconds_total\{[^}]*\} [0-9.e-]+/);
    expect(counted).toMatch(/darkroom_step_padding_seconds_total\{[^}]*\} 0/);
  });
});
