/** Child process: the gateway's neighbours with nothing behind them, so that what is measured beside them is the gateway's own. */
import {
  ControlPlaneServiceService,
  JournalServiceService,
  ModeratorServiceService,
  PromptEncoderServiceService,
  scopes,
  Verdict,
  WorkerReport,
} from '@darkroom/contracts';
import { GrpcServer, Log, Metrics, serve } from '@darkroom/service-kit';
import { connectRedis, publishWorkerReport } from '@darkroom/service-kit/queue';

const [redisUrl = '', model = ''] = process.argv.slice(2);
const log = Log.create('neighbours', 'silent');

const notAsked = () => Promise.reject(new Error('the gateway does not ask this'));
const server = new GrpcServer({
  services: [
    serve(ControlPlaneServiceService, {
      verifyKey: () => ({
        tenantId: 'ten_bench',
        keyId: 'key_bench',
        scopes: [...scopes],
        tenant: undefined,
        requestsPerMinute: 0,
        expiresAtMs: 0,
      }),
      recordUsage: notAsked,
      getMonthlyUsage: notAsked,
      summariseUsage: notAsked,
    }),
    serve(JournalServiceService, {
      accept: () => ({ earlier: [] }),
      withdraw: notAsked,
      noteCancellations: () => ({}),
      listUnfinished: () => ({ generations: [] }),
      listGenerations: notAsked,
      getUnfinished: notAsked,
      findGeneration: notAsked,
    }),
    serve(ModeratorServiceService, {
      moderatePrompt: () => ({
        verdict: Verdict.fromPartial({ allowed: true, action: 'allow', policyVersion: 'bench' }),
        kernelMs: 0,
      }),
      moderateImage: notAsked,
    }),
    serve(PromptEncoderServiceService, { encode: notAsked, encodeBatch: notAsked, countTokens: notAsked }),
  ],
  log,
  metrics: new Metrics('neighbours'),
  isReady: async () => true,
});

const redis = connectRedis(redisUrl, log);
const report = WorkerReport.fromPartial({
  workerId: 'bench',
  concurrency: 16,
  running: 16,
  loads: [{ tenantId: 'ten_bench', remainingSeconds: 1, generationId: 'gen_bench', finishSeconds: 1, stepsMade: 0, steps: 0 }],
  passTimes: [{ pixels: 4096, rows: 2, ms: 2 }],
  otherSeconds: 0.1,
  pace: 1,
});
setInterval(() => void publishWorkerReport(redis, model, report).catch(() => undefined), 1_000);

process.send?.({ port: await server.listen('127.0.0.1', 0) });
process.once('disconnect', () => process.exit());
