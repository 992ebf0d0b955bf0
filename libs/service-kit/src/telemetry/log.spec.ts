import { describe, expect, it } from 'vitest';
import { Log } from './log.js';

function record(work: (log: Log) => void): { lines: Record<string, unknown>[]; text: string } {
  let text = '';
  const write = (line: string) => {
    text += line;
  };
  work(Log.create('spec', 'info', { write }));
  return {
    text,
    lines: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('Log', () => {
  it('writes one JSON line per event', () => {
    const { lines } = record((log) => {
      log.debug('not shown');
      log.child({ generationId: 'gen_1' }).info('job finished', { seconds: 2 });
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      service: 'spec',
      level: 'info',
      message: 'job finished',
      generationId: 'gen_1',
      seconds: 2,
    });
  });

  it('drops what must never be logged, even if someone passes it', () => {
    const { text } = record((log) =>
      log.info('job', { prompt: 'hidden-1', request: { prompt: 'hidden-2', secret: 'hidden-3' }, authorization: 'hidden-4' }),
    );
    expect(text).not.toContain('hidden');
  });

  it('keeps the stack and the cause of an error', () => {
    const { lines } = record((log) => log.error('failed', { error: new Error('outer', { cause: new Error('inner') }) }));
    expect(lines[0]?.['error']).toMatchObject({
      message: expect.stringContaining('outer'),
      stack: expect.stringContaining('inner'),
    });
  });
});
