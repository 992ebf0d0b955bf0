import { describe, expect, it } from 'vitest';
import { parseMetrics } from './prometheus.js';

describe('parseMetrics', () => {
  it('reads names, labels and values, and leaves comments out', () => {
    const text = '# TYPE delay gauge\ndelay{quantile="0.99",note="a \\"b\\""} 0.012\nup 1\n';
    expect(parseMetrics(text)).toEqual([
      { name: 'delay', labels: { quantile: '0.99', note: 'a \\"b\\"' }, value: 0.012 },
      { name: 'up', labels: {}, value: 1 },
    ]);
  });
});
