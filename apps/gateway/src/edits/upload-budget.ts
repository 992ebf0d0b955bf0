import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';

/** Most bytes of forms that one gateway holds at a time: a few of the largest, or hundreds of usual ones. */
const CAPACITY_BYTES = 256 * 1024 * 1024;

/** What one request holds of the budget. */
export interface HeldBytes {
  /**
   * Holds more bytes.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when there is no room for them.
   */
  add(bytes: number): void;
  /** Gives all of them back. */
  release(): void;
}

/** Bounds the memory that forms of all requests together take: each may be within its limits, and all of them too much. */
@Injectable()
export class UploadBudget {
  private heldBytes = 0;

  /** Begins to hold what one request sends. */
  open(): HeldBytes {
    let own = 0;
    return {
      add: (bytes) => {
        if (this.heldBytes + bytes > CAPACITY_BYTES) {
          const message = 'too many pictures are being sent at the moment; nothing was started';
          throw new DarkroomError({ code: 'unavailable', message, retryAfterSeconds: 2 });
        }
        own += bytes;
        this.heldBytes += bytes;
      },
      release: () => {
        this.heldBytes -= own;
        own = 0;
      },
    };
  }
}
