import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimState, processIdentity, type RunRecord, readRunRecord, releaseState, writeRunRecord } from './run-file.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-spec-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function record(pid: number): RunRecord {
  return {
    launcher: { pid, identity: processIdentity(pid) ?? '' },
    startedBy: 'start',
    ready: true,
    gatewayUrl: 'http://127.0.0.1:8080',
    controlPlaneUrl: '',
    redisUrl: '',
    services: [],
  };
}

describe('the run record', () => {
  it('is read back while its launcher lives, and is private', () => {
    const written = record(process.pid);
    writeRunRecord(stateDir, written);
    expect(readRunRecord(stateDir)).toEqual(written);
    expect(statSync(path.join(stateDir, 'run.json')).mode & 0o777).toBe(0o600);
  });

  it('counts for nothing once its launcher is dead', async () => {
    const child = spawn('sleep', ['60']);
    writeRunRecord(stateDir, record(child.pid ?? 0));
    expect(readRunRecord(stateDir)).toBeDefined();
    child.kill();
    await once(child, 'exit');
    expect(readRunRecord(stateDir)).toBeUndefined();
  });

  it('counts for nothing when its process id now belongs to another process', () => {
    const { launcher, ...rest } = record(process.pid);
    writeRunRecord(stateDir, { ...rest, launcher: { pid: launcher.pid, identity: `${launcher.pid}:1` } });
    expect(readRunRecord(stateDir)).toBeUndefined();
  });
});

describe('claimState', () => {
  it('refuses a second claim and tells where the first one runs', () => {
    claimState(stateDir);
    writeRunRecord(stateDir, record(process.pid));
    expect(() => claimState(stateDir)).toThrow(/already running at http:\/\/127\.0\.0\.1:8080 \(process \d+/);
    releaseState(stateDir);
    expect(existsSync(path.join(stateDir, 'run.json'))).toBe(false);
    claimState(stateDir);
  });

  it('takes over from a launcher that was killed', () => {
    writeFileSync(path.join(stateDir, 'launcher.lock'), '999999999:1');
    claimState(stateDir);
  });
});
