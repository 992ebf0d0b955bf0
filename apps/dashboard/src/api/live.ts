import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { addressOf } from './request.js';

/** What the control plane tells while it happens. */
export type LiveEvent = 'overview' | 'generation' | 'reset';

type Listener = (data: unknown) => void;

const listeners = new Map<LiveEvent, Set<Listener>>();
let source: EventSource | undefined;

/** So long what changes is gathered before it is asked for anew. */
const GATHER_MS = 2_000;

/** Hears of what happens while a page is open. All pages share one connection, which the browser makes anew when it is lost. */
export function useLive<T>(event: LiveEvent, listener: (data: T) => void): void {
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => listen(event, (data) => newest.current(data as T)), [event]);
}

/** Has what was asked for under a path asked for anew soon after any generation has changed, and no more often than every 2 seconds. */
export function useLiveGenerations(path: string): void {
  const client = useQueryClient();
  const last = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refresh = () => {
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = performance.now();
        void client.invalidateQueries({ queryKey: path.split('/') });
      },
      Math.max(0, last.current + GATHER_MS - performance.now()),
    );
  };
  useLive('generation', refresh);
  useLive('reset', refresh);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function listen(event: LiveEvent, listener: Listener): () => void {
  const known = listeners.get(event) ?? new Set();
  listeners.set(event, known.add(listener));
  source ??= connect();
  return () => {
    known.delete(listener);
    if ([...listeners.values()].some(({ size }) => size > 0)) return;
    source?.close();
    source = undefined;
  };
}

function connect(): EventSource {
  const connection = new EventSource(addressOf('live'));
  for (const event of ['overview', 'generation', 'reset'] as const) {
    connection.addEventListener(event, ({ data }: MessageEvent<string>) => {
      for (const listener of listeners.get(event) ?? []) listener(JSON.parse(data));
    });
  }
  // After a refusal the browser gives up; a session that has ended is noticed by what is asked for.
  connection.addEventListener('error', () => {
    if (connection.readyState !== EventSource.CLOSED || source !== connection) return;
    source = undefined;
    setTimeout(() => {
      if ([...listeners.values()].some(({ size }) => size > 0)) source ??= connect();
    }, GATHER_MS);
  });
  return connection;
}
