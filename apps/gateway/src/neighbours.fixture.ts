/** What stands in the places of the gateway's neighbours in its specs: real gRPC, and handlers that say what a spec needs. */
import {
  type ControlPlaneServiceService,
  DarkroomError,
  type ModerationContext,
  type ModeratorServiceService,
  type PromptEncoderServiceService,
  type ProvenanceServiceService,
  type RoutingServiceService,
  type SummariseUsageRequest,
  type SyncRequest,
  type SyncResponse,
  scopes,
  type UsageSum,
  Verdict,
  type VerifyKeyResponse,
  type VerifyResponse,
} from '@darkroom/contracts';
import { GrpcServer, type Handlers, Log, Metrics, type ServedService } from '@darkroom/service-kit';
import sharp from 'sharp';

export const log = Log.create('spec', 'silent');

/** What the control plane's place says of each secret; specs may add to it. */
export const KEYS = new Map<string, Partial<VerifyKeyResponse> & Pick<VerifyKeyResponse, 'tenantId' | 'keyId'>>([
  ['dk_alice', { tenantId: 'ten_alice', keyId: 'key_alice' }],
  ['dk_bob', { tenantId: 'ten_bob', keyId: 'key_bob' }],
]);

/** The decision by which the moderator's place refuses. */
export const DECISION = 'dec_019abc1e-0000-7000-8000-000000000001';

/** What the ledger in the control plane's place sums, whatever is asked. */
export const SUMS: UsageSum[] = [];

/** What the ledger in the control plane's place has of each tenant this month. */
export const LEDGER = new Map<string, number>();

/** Where the control plane's place wants requests to go; undefined for where the gateway's own setting says. */
export const ROUTES: { told: SyncResponse | undefined; isAway: boolean } = { told: undefined, isAway: false };

/** A service in a neighbour's place, which can go away and come back at its address. */
export interface Neighbour {
  readonly port: number;
  stop(): void;
  start(): Promise<void>;
}

/** Starts one that serves this over real gRPC. */
export async function startNeighbour(...services: ServedService[]): Promise<Neighbour> {
  let server: GrpcServer;
  const start = async (port: number) => {
    server = new GrpcServer({ services, log, metrics: new Metrics('spec'), isReady: async () => true });
    return await server.listen('127.0.0.1', port);
  };
  const port = await start(0);
  return {
    port,
    stop: () => server.destroy(),
    start: async () => {
      await start(port);
    },
  };
}

/** What the neighbours' places were asked. */
export const seen = {
  /** What the gateway told of its models last. */
  synced: undefined as SyncRequest | undefined,
  verified: 0,
  summarised: [] as SummariseUsageRequest[],
  moderated: [] as string[],
  pictures: [] as Buffer[],
  levels: [] as string[],
  contexts: [] as (ModerationContext | undefined)[],
  /** Pictures that were asked about, and what is found of each; undefined for what is no picture. */
  asked: [] as Buffer[],
  found: undefined as VerifyResponse | undefined,
};
export const controlPlaneHandlers: Handlers<typeof ControlPlaneServiceService> = {
  verifyKey: ({ secret }) => {
    seen.verified += 1;
    const caller = KEYS.get(secret);
    if (caller === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key is not known' });
    return { requestsPerMinute: 0, expiresAtMs: 0, tenant: undefined, scopes: [...scopes], ...caller };
  },
  recordUsage: () => ({ recorded: true }),
  summariseUsage: (question) => {
    seen.summarised.push(question);
    return { sums: SUMS };
  },
  getMonthlyUsage: ({ tenantId }) => ({ computeUnits: LEDGER.get(tenantId) ?? 0 }),
};
/** Refusals are for violence, by a decision that the audit log has. */
const verdictOf = (allowed: boolean, action = 'allow') =>
  Verdict.fromPartial({
    allowed,
    action: allowed ? action : 'block',
    category: allowed && action === 'allow' ? '' : 'violence',
    policyVersion: 'spec',
    decisionId: DECISION,
  });

export const moderatorHandlers: Handlers<typeof ModeratorServiceService> = {
  moderatePrompt: ({ prompt, level, context }) => {
    seen.moderated.push(prompt);
    seen.contexts.push(context);
    seen.levels.push(level);
    if (prompt.includes('breaks the classifier')) throw new Error('the classifier broke');
    if (prompt.includes('no verdict')) return { verdict: undefined, kernelMs: 0 };
    const allowed = !prompt.includes('gore');
    return {
      verdict: verdictOf(allowed, prompt.includes('blur it') ? 'blur' : prompt.includes('warn of it') ? 'warn' : 'allow'),
      kernelMs: 0,
    };
  },
  moderateImage: async ({ image, level, context }) => {
    seen.pictures.push(image);
    seen.contexts.push(context);
    seen.levels.push(level);
    const { dominant } = await sharp(image).stats();
    if (dominant.b > 200 && dominant.r < 50) throw new Error('the classifier broke');
    // Red pictures are refused here.
    const allowed = dominant.r < 200 || dominant.g > 50;
    return { verdict: verdictOf(allowed), kernelMs: 0, blurred: Buffer.alloc(0) };
  },
};
export const encoderHandlers: Handlers<typeof PromptEncoderServiceService> = {
  encode: () => Promise.reject(new Error('the gateway encodes nothing')),
  encodeBatch: () => Promise.reject(new Error('the gateway encodes nothing')),
  countTokens: ({ prompt }) => ({ tokenCount: prompt.length / 2, maxTokens: 32_768 }),
};
export const provenanceHandlers: Handlers<typeof ProvenanceServiceService> = {
  sign: () => Promise.reject(new Error('the gateway signs nothing')),
  verify: ({ image }) => {
    seen.asked.push(image);
    if (seen.found !== undefined) return seen.found;
    throw new DarkroomError({ code: 'invalid_argument', message: 'image must be a PNG, JPEG or WebP file', param: 'image' });
  },
};
export const routingHandlers: Handlers<typeof RoutingServiceService> = {
  sync: (request) => {
    if (ROUTES.isAway) throw new DarkroomError({ code: 'unavailable', message: 'the database is away' });
    seen.synced = request;
    return ROUTES.told ?? { canaries: request.configuredCanaries, retiredModels: [], requiredDigests: [] };
  },
};
