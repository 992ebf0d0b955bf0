import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler-registry.js';

const euler = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5, use_karras_sigmas: true };
const options = { steps: 5, imageTokens: 256 };

describe('createScheduler', () => {
  it.each(['FlowMatchEulerDiscreteScheduler', 'FlowMatchHeunDiscreteScheduler'])("makes the model's own: %s", (name) => {
    expect(createScheduler({ _class_name: name, shift: 2.5 })).toMatchObject({ name, shift: 2.5, spacing: 'default' });
  });

  it("goes through the model's own levels with another solver", () => {
    const scheduler = createScheduler(euler, { solver: 'heun' });
    expect(scheduler).toMatchObject({ name: 'FlowMatchHeunDiscreteScheduler', shift: 2.5, spacing: 'karras' });
    expect(scheduler.schedule(options)).toEqual(createScheduler(euler).schedule(options));
    expect(scheduler.solver(scheduler.schedule(options)).passes).toBe(9);
  });

  it("replaces the model's own spacing", () => {
    const scheduler = createScheduler(euler, { spacing: 'default' });
    expect(scheduler.spacing).toBe('default');
    expect(scheduler.schedule(options)).toEqual(createScheduler({ ...euler, use_karras_sigmas: false }).schedule(options));
  });

  it.each(['DDIMScheduler', undefined])('refuses %s, naming those there are', (name) => {
    expect(() => createScheduler({ _class_name: name })).toThrow(/_class_name must be one of FlowMatchEulerDiscreteScheduler/);
  });
});
