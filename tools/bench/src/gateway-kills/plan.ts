import { prompts } from '../prompts.js';

/** Every way in which a client asks for a generation, with how often it is drawn. */
const shares = {
  /** Waits for the images. */
  sync: 0.2,
  /** Asks the endpoint for images not to make it wait, and polls. */
  async: 0.15,
  /** Posts a job, and polls. */
  job: 0.15,
  /** Has the images streamed. */
  stream: 0.13,
  /** Posts a job, and follows its events over all interruptions. */
  events: 0.13,
  /** Has one that succeeded made again. */
  replay: 0.08,
  /** Asks for what moderation refuses. */
  refused: 0.08,
  /** Waits for the images, but not for long. */
  'hang-up': 0.08,
} as const;

/** A way in which a client asks for a generation. */
export type Kind = keyof typeof shares;

/** The parameters of a request. */
export interface GenerationParameters {
  readonly model: string;
  readonly prompt: string;
  readonly seed: number;
  readonly size: string;
  readonly steps: number;
  readonly n: number;
}

/** One request, and when it is sent. */
export interface PlannedRequest {
  readonly kind: Kind;
  readonly parameters: GenerationParameters;
  /** Its Idempotency-Key, if it has one. */
  readonly key: string | undefined;
  /** Milliseconds after which it is cancelled, or hung up; undefined for never. */
  readonly endAfterMs: number | undefined;
  /** Milliseconds from the beginning of its round. */
  readonly atMs: number;
}

/** Some requests, and a gateway's death among them. */
export interface Round {
  /** Whether it begins as soon as the next gateway's process is there, or when it is ready. */
  readonly from: 'started' | 'ready';
  /** Milliseconds until it begins from then, in which the clients of earlier rounds come through. */
  readonly pauseMs: number;
  readonly requests: readonly PlannedRequest[];
  /** Milliseconds from the beginning. */
  readonly killAtMs: number;
}

const unsafePrompt = 'hardcore porn, naked people having sex';

/** Draws all rounds: half of them a crowd that comes within a moment, to die in the middle of, half of them spread over seconds. */
export function drawRounds(random: () => number, requests: number, kills: number): Round[] {
  let drawn = 0;
  return Array.from({ length: kills }, (_, round) => {
    const count = Math.floor(((round + 1) * requests) / kills) - Math.floor((round * requests) / kills);
    const windowMs = random() < 0.5 ? 80 : 2_500;
    const from = random() < 0.2 ? 'started' : 'ready';
    return {
      from,
      pauseMs: from === 'ready' ? random() * 3_000 : 0,
      requests: Array.from({ length: count }, () => drawRequest(random, drawn++, windowMs)),
      killAtMs: 5 + random() * windowMs,
    };
  });
}

function drawRequest(random: () => number, index: number, windowMs: number): PlannedRequest {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  const kind = pickKind(random());
  const isCancelled = (kind === 'async' || kind === 'job') && random() < 0.25;
  return {
    kind,
    // Few enough are different that each is made several times, so that images can be compared.
    parameters: {
      model: pick(['pocket', 'pocket-turbo']),
      prompt: kind === 'refused' ? unsafePrompt : pick(prompts.slice(0, 4)),
      seed: Math.floor(random() * 2),
      size: pick(['64x64', '96x64', '128x128']),
      steps: pick([2, 4, 12]),
      n: pick([1, 1, 2, 3]),
    },
    key: kind !== 'hang-up' && random() < 0.7 ? `request-${index}` : undefined,
    endAfterMs: isCancelled || kind === 'hang-up' ? Math.floor(random() * 400) : undefined,
    atMs: random() * windowMs,
  };
}

function pickKind(draw: number): Kind {
  let sum = 0;
  for (const [kind, share] of Object.entries(shares)) {
    sum += share;
    if (draw < sum) return kind as Kind;
  }
  return 'sync';
}
