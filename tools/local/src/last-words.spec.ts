import { describe, expect, it } from 'vitest';
import { LastWords, readableLine } from './last-words.js';

describe('readableLine', () => {
  it('makes JSON log lines readable, with the error that they carry', () => {
    const line = JSON.stringify({ level: 'error', message: 'the queue is gone', error: { message: 'connection refused' } });
    expect(readableLine(line)).toBe('error the queue is gone: connection refused');
  });

  it.each(['plain text', '{broken', '{"other": 1}'])('leaves %s as it is', (line) => {
    expect(readableLine(line)).toBe(line);
  });
});

describe('LastWords', () => {
  it('keeps the last lines, however the chunks are cut, and the unfinished one', () => {
    const words = new LastWords(2);
    for (const chunk of ['one\ntw', 'o\n\nthr', 'ee\nfo', 'ur']) words.add(chunk);
    expect(words.lines()).toEqual(['two', 'three', 'four']);
  });
});
