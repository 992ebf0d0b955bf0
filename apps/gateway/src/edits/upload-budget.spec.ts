import { DarkroomError } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { UploadBudget } from './upload-budget.js';

const MIB = 1024 * 1024;

describe('UploadBudget', () => {
  it('holds what all requests together may, and no byte more', () => {
    const budget = new UploadBudget();
    const [first, second] = [budget.open(), budget.open()];
    first.add(200 * MIB);
    second.add(56 * MIB);
    expect(() => second.add(1)).toThrow(DarkroomError);
    first.release();
    second.add(200 * MIB);
  });

  it('gives back what a request held, once', () => {
    const budget = new UploadBudget();
    const [first, second] = [budget.open(), budget.open()];
    first.add(100 * MIB);
    second.add(156 * MIB);
    first.release();
    first.release();
    expect(() => second.add(100 * MIB + 1)).toThrow('too many pictures');
    second.add(100 * MIB);
  });
});
