import { describe, expect, it } from 'vitest';
import golden from '../../golden/euler.json' with { type: 'json' };
import { classifierFreeGuidance } from '../classifier-free-guidance.js';
import { expectClose } from '../expect-close.fixture.js';
import { createScheduler } from '../scheduler-registry.js';

describe('EulerSolver', () => {
  const field = ([a = 0, b = 0, c = 0]: readonly number[], x: Float32Array, sigma: number) =>
    x.map((value) => a * value + b * sigma + c);

  it.each(golden.trajectories)('follows the golden three-step trajectories for shift $shift', (expected) => {
    const scheduler = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: expected.shift });
    const schedule = scheduler.schedule({ steps: 3, imageTokens: 1 });
    const [plainSolver, guidedSolver] = [scheduler.solver(schedule), scheduler.solver(schedule)];
    const plain = Float32Array.from(expected.start);
    const guided = Float32Array.from(expected.start);
    for (let i = 0; i < 3; i++) {
      const { sigma } = plainSolver;
      plainSolver.advance(plain, field(expected.cond, plain, sigma));
      expectClose(plain, expected.plain[i] as number[]);

      const velocity = new Float32Array(guided.length);
      const uncond = field(expected.uncond, guided, sigma);
      classifierFreeGuidance(uncond, field(expected.cond, guided, sigma), expected.scale, velocity);
      guidedSolver.advance(guided, velocity);
      expectClose(guided, expected.guided[i] as number[]);
    }
    expect([plainSolver.isDone, guidedSolver.isDone]).toEqual([true, true]);
  });
});
