import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler-registry.js';

describe('createScheduler', () => {
  it("makes the one that the model's file names", () => {
    expect(createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 })).toMatchObject({
      name: 'FlowMatchEulerDiscreteScheduler',
      shift: 2.5,
    });
  });

  it.each(['DDIMScheduler', undefined])('refuses %s, naming those there are', (name) => {
    expect(() => createScheduler({ _class_name: name })).toThrow(/_class_name must be one of FlowMatchEulerDiscreteScheduler/);
  });
});
