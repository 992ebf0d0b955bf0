/** The alerts, as Prometheus itself evaluates them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { chartFolder, renderChart } from './chart.js';
import { schemaFindings } from './schemas.js';

const run = promisify(execFile);
const file = path.join(chartFolder, 'files/alerts.yaml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(await readFile(file, 'utf8')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Values of series, one a minute for two hours, in promtool's notation: `10x120` stays, `0+3x120` rises. */
type Series = Readonly<Record<string, string>>;

/** By alert: what it fires on at the end of two hours, and what comes near to it. */
const cases: Readonly<Record<string, { readonly fires: Series; readonly silent: Series }>> = {
  DarkroomQueueGrowing: {
    fires: { 'darkroom_queue_wait_seconds{model="pocket"}': '0+10x120', 'darkroom_queue_wait_seconds{model="other"}': '0x120' },
    // Long for the last five minutes alone.
    silent: { 'darkroom_queue_wait_seconds{model="pocket"}': '0x115 900x4' },
  },
  DarkroomNoWorker: {
    fires: {
      'darkroom_queue_waiting_count{model="pocket"}': '3x120',
      'darkroom_queue_workers_count{model="pocket"}': '0x120',
      'darkroom_queue_workers_count{model="other"}': '2x120',
    },
    silent: {
      'darkroom_queue_waiting_count{model="pocket"}': '3x120',
      'darkroom_queue_workers_count{model="pocket"}': '1x120',
      'darkroom_queue_waiting_count{model="scaled to zero"}': '0x120',
      'darkroom_queue_workers_count{model="scaled to zero"}': '0x120',
    },
  },
  DarkroomScalerWithheld: {
    fires: { 'darkroom_scaling_withheld_count{model="pocket",fleet="a"}': '2x120' },
    silent: { 'darkroom_scaling_withheld_count{model="pocket",fleet="a"}': '0x110 2x9' },
  },
  DarkroomDenoisingSlow: {
    fires: {
      'darkroom_stage_seconds_bucket{stage="denoise",le="60"}': '0+2x120',
      'darkroom_stage_seconds_bucket{stage="denoise",le="120"}': '0+10x120',
      'darkroom_stage_seconds_bucket{stage="denoise",le="+Inf"}': '0+10x120',
    },
    silent: {
      'darkroom_stage_seconds_bucket{stage="denoise",le="30"}': '0+10x120',
      'darkroom_stage_seconds_bucket{stage="denoise",le="60"}': '0+10x120',
      'darkroom_stage_seconds_bucket{stage="denoise",le="+Inf"}': '0+10x120',
      // The wait in the queue is another stage's.
      'darkroom_stage_seconds_bucket{stage="queue",le="60"}': '0x120',
      'darkroom_stage_seconds_bucket{stage="queue",le="+Inf"}': '0+10x120',
    },
  },
  DarkroomGenerationsFailing: {
    fires: {
      'darkroom_jobs_total{outcome="succeeded"}': '0+9x120',
      'darkroom_jobs_total{outcome="internal"}': '0+1x120',
    },
    // Refusals and cancellations are no failures, nor are two of few.
    silent: {
      'darkroom_jobs_total{outcome="succeeded"}': '0+1x120',
      'darkroom_jobs_total{outcome="content_policy_violation"}': '0+50x120',
      'darkroom_jobs_total{outcome="cancelled"}': '0+50x120',
      'darkroom_jobs_total{outcome="internal"}': '0x117 1 2 2',
    },
  },
  DarkroomDeadLetters: {
    fires: { 'darkroom_dead_letters_total{pod="a"}': '0x90 1x29' },
    silent: { 'darkroom_dead_letters_total{pod="a"}': '0x30 1x89' },
  },
  DarkroomServiceNotReady: {
    fires: {
      'darkroom_service_ready{service="gateway",pod="a"}': '1x100 0x19',
      'darkroom_service_ready{service="gateway",pod="b"}': '1x120',
    },
    silent: { 'darkroom_service_ready{service="gateway",pod="a"}': '0x50 1x65 0x4' },
  },
  DarkroomCrashLoop: {
    fires: { 'process_start_time_seconds{service="denoiser",pod="a"}': '0x105 1000+60x14' },
    silent: {
      'process_start_time_seconds{service="denoiser",pod="a"}': '0x110 1000x4 2000x4',
      // Whatever else Prometheus watches.
      'process_start_time_seconds{service="elsewhere",pod="b"}': '0+60x120',
    },
  },
  DarkroomErrorRatio: {
    fires: {
      'darkroom_http_request_seconds_count{service="gateway",route="/v1/images/generations",status="200"}': '0+9x120',
      'darkroom_http_request_seconds_count{service="gateway",route="/v1/images/generations",status="503"}': '0+1x120',
    },
    silent: {
      'darkroom_http_request_seconds_count{service="gateway",route="/v1/images/generations",status="200"}': '0+9x120',
      'darkroom_http_request_seconds_count{service="gateway",route="/v1/images/generations",status="429"}': '0+90x120',
      'darkroom_http_request_seconds_count{service="gateway",route="/readyz",status="503"}': '0+60x120',
      'darkroom_http_request_seconds_count{service="vae-decoder",route="/x",status="500"}': '0+60x120',
    },
  },
  DarkroomModerationFailingClosed: {
    // Nobody sends a prompt, and pictures wait.
    fires: {
      'darkroom_verdicts_missing_total{service="gateway"}': '0x120',
      'darkroom_stage_waits_total{service="denoiser",stage="moderate"}': '0x100 0+1x19',
    },
    silent: {
      'darkroom_verdicts_missing_total{service="gateway"}': '0x110 7x9',
      'darkroom_stage_waits_total{service="denoiser",stage="decode"}': '0+5x120',
    },
  },
  DarkroomModerationOff: {
    fires: {
      'darkroom_moderation_info{moderation="off",pod="a"}': '1x120',
      'darkroom_moderation_info{moderation="on",pod="b"}': '1x120',
    },
    silent: { 'darkroom_moderation_info{moderation="on",pod="b"}': '1x120' },
  },
  DarkroomAuditLagging: {
    fires: { 'darkroom_audit_lag_seconds{}': '0x100 60+60x19' },
    silent: { 'darkroom_audit_lag_seconds{}': '0x117 90x2' },
  },
  DarkroomCertificateEnding: {
    fires: { 'darkroom_certificate_left_seconds{}': '1200000-60x120' },
    silent: { 'darkroom_certificate_left_seconds{}': '31536000-60x120' },
  },
  DarkroomBlobStoreFilling: {
    fires: {
      'darkroom_blob_store_free_bytes{service="denoiser"}': '1000-8x120',
      'darkroom_blob_store_size_bytes{service="denoiser"}': '1000x120',
    },
    silent: {
      'darkroom_blob_store_free_bytes{service="denoiser"}': '300x120',
      'darkroom_blob_store_size_bytes{service="denoiser"}': '1000x120',
    },
  },
  DarkroomBlobStoreFailing: {
    fires: { 'darkroom_blob_store_failures_total{operation="put"}': '0x100 0+1x19' },
    silent: { 'darkroom_blob_store_failures_total{operation="put"}': '0x100 4x19' },
  },
  DarkroomRedisEvicting: {
    fires: { 'darkroom_redis_evicted_total{pod="a"}': '0x115 5x4', 'darkroom_redis_evicted_total{pod="b"}': '0x115 5x4' },
    // Started anew, and calm since.
    silent: { 'darkroom_redis_evicted_total{pod="a"}': '5x115 0x4' },
  },
  DarkroomRedisFull: {
    fires: { 'darkroom_redis_memory_bytes{}': '90x120', 'darkroom_redis_memory_limit_bytes{}': '100x120' },
    silent: { 'darkroom_redis_memory_bytes{}': '90x120', 'darkroom_redis_memory_limit_bytes{}': '0x120' },
  },
  DarkroomRedisNotSaving: {
    fires: { 'darkroom_redis_persistence_ready{}': '1x100 0x19' },
    silent: { 'darkroom_redis_persistence_ready{}': '0x60 1x57 0x2' },
  },
};

const END = '2h';

describe('alerts.yaml', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'darkroom-alerts-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs promtool, of Debian's package `prometheus`, and returns all that it says. */
  const promtool = async (...args: string[]) => {
    const { stdout, stderr } = await run('promtool', args).catch((error: { code: unknown; stdout: string; stderr: string }) => {
      if (error.code === 'ENOENT') throw new Error('promtool is missing: apt-get install prometheus');
      return error;
    });
    return `${stdout}${stderr}`;
  };
  const tested = async (tests: object[]) => {
    const at = path.join(folder, 'tests.yaml');
    await writeFile(at, stringify({ rule_files: [file], evaluation_interval: '1m', tests }));
    return await promtool('test', 'rules', at);
  };
  const input = (series: Series) => Object.entries(series).map(([name, values]) => ({ series: name, values }));

  it('is a file that Prometheus takes', async () => {
    expect(await promtool('check', 'rules', file)).toMatch(new RegExp(`SUCCESS: ${rules.length} rules found`));
  });

  it('has a case of each alert, and no other', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('fires on what each alert is for, and not on what looks like it', { timeout: 60_000 }, async () => {
    // All at once, since each run of promtool makes a database.
    const firing = (which: 'fires' | 'silent', expected: readonly string[]) => ({
      interval: '1m',
      input_series: Object.values(cases).flatMap((one) => input(one[which])),
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: END,
          exp_samples: expected.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
        },
      ],
    });
    expect(await tested([firing('fires', Object.keys(cases))])).toContain('SUCCESS');
    expect(await tested([firing('silent', [])])).toContain('SUCCESS');
  });

  it('says what is wrong in words', async () => {
    const alerts = [
      {
        eval_time: END,
        alertname: 'DarkroomQueueGrowing',
        exp_alerts: [
          {
            exp_labels: { severity: 'warning', model: 'pocket' },
            exp_annotations: {
              summary: 'Generations of pocket wait 20m 0s',
              runbook_url: 'docs/operations/alerts.md#darkroomqueuegrowing',
            },
          },
        ],
      },
    ];
    const series = input(cases['DarkroomQueueGrowing']?.fires ?? {});
    expect(await tested([{ interval: '1m', input_series: series, alert_rule_test: alerts }])).toContain('SUCCESS');
  });

  it('is the chart’s PrometheusRule, with its own thresholds where values have some, and where its run-books are', async () => {
    const sets = ['enabled=true', 'thresholds.DarkroomQueueGrowing=45', 'runbooks=https://git.example/main/', 'labels.team=a'];
    const objects = await renderChart('values.yaml', ...sets.map((set) => `monitoring.alerts.${set}`));
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    expect(rule && (await schemaFindings(rule))).toEqual([]);
    expect(rule?.metadata.labels).toMatchObject({ team: 'a' });
    const made = ((rule?.['spec'].groups ?? []) as typeof groups).flatMap((group) => group.rules);
    expect(made).toEqual(
      rules.map((one) => ({
        ...one,
        expr: one.alert === 'DarkroomQueueGrowing' ? one.expr.replace(/300$/, '45') : one.expr,
        annotations: { ...one.annotations, runbook_url: `https://git.example/main/${one.annotations['runbook_url']}` },
      })),
    );
    const unknown = renderChart('values.yaml', 'monitoring.alerts.enabled=true', 'monitoring.alerts.thresholds.DarkroomQueue=1');
    await expect(unknown).rejects.toThrow('there is no alert DarkroomQueue');
  });

  it('has a threshold at the end of each expression', () => {
    for (const { alert, expr } of rules) expect(expr, alert).toMatch(/[<>] [0-9.]+$/);
  });
});
