import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';

/** Names this process for as long as it lives: in its reports, and on the jobs that it takes. */
@Injectable()
export class WorkerIdentity {
  readonly id = randomUUID();
  /** Name of the machine; of the pod in a cluster. */
  readonly host = hostname();
  readonly startedAtMs = Date.now();
}
