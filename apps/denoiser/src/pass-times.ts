import type { PassTime } from '@darkroom/contracts';
import type { MeasuredPass } from '@darkroom/onnx-pipeline';

/**
 * Makes what the engine has measured into what a report tells: by pixels and rows, whatever else passes differ in. Of several the
 * slowest stands for all: passes that reuse a first block, say, are not what a generation can count on.
 */
export function passTimesOf(costs: readonly MeasuredPass[]): PassTime[] {
  const slowest = new Map<string, PassTime>();
  for (const { pixels, rows, passMs: ms } of costs) {
    const key = `${pixels} ${rows}`;
    if (ms > (slowest.get(key)?.ms ?? 0)) slowest.set(key, { pixels, rows, ms });
  }
  return [...slowest.values()];
}
