import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verdict } from './check.js';
import { runCommand } from './command.js';
import { runChecks } from './run-checks.js';

describe('runCommand', () => {
  const options = { cwd: tmpdir(), timeoutMs: 10_000 };

  it('returns status and words of a command', async () => {
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], options);
    expect(result).toMatchObject({ code: 3, stdout: 'out\n' });
    expect(result.output).toContain('err');
  });

  it('says so when there is no such command', async () => {
    const result = await runCommand('no-such-command', [], options);
    expect(result.code).toBe(-1);
    expect(result.output).toContain('ENOENT');
  });

  it('kills a command that takes too long, its children included', async () => {
    // The child keeps the pipe open: the call would take 30 s if it survived.
    const result = await runCommand('sh', ['-c', 'sleep 30 & sleep 30'], { ...options, timeoutMs: 200 });
    expect(result.code).toBe(-1);
    expect(result.output).toContain('killed after');
  });
});

describe('runChecks', () => {
  afterEach(() => vi.restoreAllMocks());

  it('sums up, goes on after a failure, and shows its words', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const checks = [
      { name: 'a', run: async () => verdict(false, 'the words') },
      { name: 'b', run: () => Promise.reject(new Error('broken')) },
      { name: 'c', run: async () => ({ passed: 7, failed: 0, detail: 'silent' }) },
    ];
    expect(await runChecks(checks)).toEqual({ passed: 7, failed: 2 });
    const said = log.mock.calls.join('\n');
    expect(said).toContain('the words');
    expect(said).toContain('broken');
    expect(said).not.toContain('silent');
  });
});
