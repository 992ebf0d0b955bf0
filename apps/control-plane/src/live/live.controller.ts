import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStream, Lifecycle } from '@darkroom/service-kit';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OpenSessions } from '../operators/open-sessions.js';
import { Needs } from '../operators/route-rules.js';
import { cookieOf } from '../operators/session-cookie.js';
import { Overview } from '../overview/overview.js';
import { ChangeStream, type SharedChanges } from './change-stream.js';

const SECOND_MS = 1_000;

/** After so long a page connects anew, which is a use of its session. */
const LONGEST_MS = 10 * 60_000;

/** Tells pages what happens while it happens. */
@Controller('admin/v1/live')
export class LiveController {
  private readonly overview: Overview;
  private readonly changes: ChangeStream;
  private readonly sessions: OpenSessions;
  private readonly lifecycle: Lifecycle;

  constructor(overview: Overview, changes: ChangeStream, sessions: OpenSessions, lifecycle: Lifecycle) {
    this.overview = overview;
    this.changes = changes;
    this.sessions = sessions;
    this.lifecycle = lifecycle;
  }

  /**
   * Streams `overview` once a second when it has changed, and `generation` for each change of one. Last-Event-ID goes on where a lost
   * connection was, also at another control plane; where that is not possible, `reset` says that lists have to be asked for anew.
   */
  @Get()
  @Needs('read')
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const after = request.headers['last-event-id'];
    const stream = new EventStream(reply);
    // Whoever has the admin token has no session.
    const secret = request.headers.authorization === undefined ? cookieOf(request) : undefined;
    const signal = AbortSignal.any([
      stream.closed,
      this.lifecycle.draining,
      AbortSignal.timeout(LONGEST_MS),
      ...(secret === undefined ? [] : [this.sessions.watch(secret, stream.closed)]),
    ]);
    const over = once(signal, 'abort').then(() => undefined);
    const waiting: SharedChanges[] = [];
    let wake = new AbortController();
    const stop = this.changes.on((shared) => {
      waiting.push(shared);
      wake.abort();
    });
    try {
      if (typeof after === 'string') await this.catchUp(stream, after);
      let told = '';
      let nextMs = 0;
      while (!signal.aborted) {
        for (const shared of waiting.splice(0)) await send(stream, shared);
        if (performance.now() >= nextMs) {
          nextMs = performance.now() + SECOND_MS;
          // A Redis that doesn't answer would hold up the end.
          const now = await Promise.race([this.overview.now(), over]);
          if (now === undefined) break;
          const { at, ...overview } = now;
          const text = JSON.stringify(overview);
          if (text !== told) await stream.send({ event: 'overview', data: { at, ...overview } });
          told = text;
        }
        wake = new AbortController();
        if (waiting.length > 0) continue;
        const pause = AbortSignal.any([signal, wake.signal]);
        await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal: pause }).catch(() => undefined);
      }
    } finally {
      stop();
      stream.end();
    }
  }

  private async catchUp(stream: EventStream, after: string): Promise<void> {
    const missed = await this.changes.after(after);
    if (missed === undefined) await stream.send({ event: 'reset', data: {} });
    for (const shared of missed ?? []) await send(stream, shared);
  }
}

async function send(stream: EventStream, { place, changes }: SharedChanges): Promise<void> {
  // Only the last of what came together is a place to come back to.
  for (const [index, change] of changes.entries()) {
    const id = place !== '' && index === changes.length - 1 ? place : undefined;
    await stream.send({ id, event: 'generation', data: change });
  }
}
