import { type ErrorCode, isErrorCode } from '@darkroom/contracts';
import type { AdviceBody } from '@darkroom/contracts/admin';

/** Why a generation ends with an error of each code, and what can be done. */
const advices: Readonly<Record<ErrorCode, AdviceBody>> = {
  invalid_argument: {
    cause: 'A worker could not make what the request asked for, though the gateway had let it in.',
    advice:
      'Compare its size, steps and solver with what the model draws: the gateway and the worker may be of different versions.',
  },
  unauthenticated: {
    cause: 'A service that the worker needs did not accept who it is.',
    advice: 'Check the credentials in the worker’s configuration, above all those of the blob store.',
  },
  permission_denied: {
    cause: 'A service that the worker needs did not let it do something.',
    advice: 'Check the rights of the worker’s credentials, above all on the blob store.',
  },
  not_found: {
    cause: 'Something that it was to be made of was gone when it was needed.',
    advice: 'The client has to send the request again, with its picture if it is an edit.',
  },
  conflict: {
    cause: 'It was to become the same as an earlier one, and the model has other files than when that was made.',
    advice: 'Nothing makes the same bytes with other files. The client has to ask for a new generation instead of a replay.',
  },
  payload_too_large: {
    cause: 'Something about it was too large to travel between services.',
    advice: 'The client has to ask for fewer or smaller images.',
  },
  content_policy_violation: {
    cause: 'Moderation refused what was made; nothing of it is delivered.',
    advice: 'The decisions below tell the category and the scores. The tenant may appeal, and a retry is judged anew.',
  },
  rate_limited: {
    cause: 'A service that the worker needs had too much to do for too long.',
    advice: 'See whether the fleet has enough workers for its queue, then retry it.',
  },
  cancelled: {
    cause: 'It was cancelled: by its client, which asked for that or hung up, or by an operator.',
    advice: 'Nothing needs to be done. What it had used until then is charged.',
  },
  deadline_exceeded: {
    cause: 'The deadline that its request named passed before it was done.',
    advice: 'The timeline tells whether it waited or ran too long. More workers shorten the wait. A retry has no deadline.',
  },
  unavailable: {
    cause: 'A service that it needs stayed away for a quarter of an hour.',
    advice: 'The message names the service. Bring it back, then retry the generation.',
  },
  internal: {
    cause: 'Something failed that nobody foresaw.',
    advice: 'Look for the generation’s id in the log of its worker. If it fails the same way again, it is a defect to report.',
  },
  model_damaged: {
    cause: 'A file of the model is not what its digest says.',
    advice: 'The worker’s log names the file. Bring the model’s files again, restart the worker, and retry the generation.',
  },
  worker_lost: {
    cause: 'Two workers in a row ended while they had it, without getting further. It is kept as a dead letter.',
    advice: 'Find out why they ended, most often for want of memory, before you retry it: it may end other workers too.',
  },
};

/** Says in plain words why a generation ended with an error, and what can be done; null where it has none. */
export function adviceOn(code: string | null): AdviceBody | null {
  if (code === null) return null;
  // A newer service may have codes that this one doesn't know.
  return isErrorCode(code) ? advices[code] : advices.internal;
}
