import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Names this process for as long as it lives: in its reports, and on the jobs that it takes. */
@Injectable()
export class WorkerIdentity {
  readonly id = randomUUID();
}
