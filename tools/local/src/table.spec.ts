import { describe, expect, it } from 'vitest';
import { indent, mebibytes, table } from './table.js';

describe('table', () => {
  it('aligns columns, the named ones to the right, and leaves no space at the ends of lines', () => {
    const rows = [
      ['stage', 'ms', ''],
      ['denoise', '5', 'ok'],
    ];
    expect(table(rows, [1])).toBe('stage    ms\ndenoise   5  ok');
  });
});

describe('indent', () => {
  it('moves lines to the right, but not empty ones', () => {
    expect(indent('a\n\nb')).toBe('  a\n\n  b');
  });
});

describe('mebibytes', () => {
  it('says when it does not know', () => {
    expect(mebibytes(undefined)).toBe('-');
    expect(mebibytes(3 * 1024 * 1024)).toBe('3 MiB');
  });
});
