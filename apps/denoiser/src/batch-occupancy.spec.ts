import { describe, expect, it } from 'vitest';
import { BatchOccupancy } from './batch-occupancy.js';

describe('the occupancy of batches', () => {
  it('is not known while there is no pass', () => {
    const occupancy = new BatchOccupancy();
    expect(occupancy.at(0)).toBeUndefined();
    occupancy.enter(4, 8, 0);
    expect(occupancy.at(10)).toBe(0.5);
    expect(occupancy.at(20_000)).toBeUndefined();
  });

  it('is a mean in which a pass weighs a third of one that comes five seconds later', () => {
    const occupancy = new BatchOccupancy();
    occupancy.enter(0, 8, 0);
    occupancy.enter(16, 8, 5_000);
    expect(occupancy.at(5_000)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  });
});
