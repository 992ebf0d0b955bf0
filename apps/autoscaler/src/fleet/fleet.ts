import { DarkroomError, type ScaledObjectRef } from '@darkroom/contracts';
import type { ScalingSettings } from '@darkroom/scaling-policy';
import { z } from 'zod';

/** One deployment of denoisers, as the trigger of its ScaledObject describes it. */
export interface Fleet {
  /** `namespace/name` of the ScaledObject. */
  readonly name: string;
  readonly namespace: string;
  readonly model: string;
  /** Part of the model's work that this fleet is to do, above 0 up to 1. */
  readonly share: number;
  readonly settings: ScalingSettings;
  /** How long something that was asked for keeps the fleet from shrinking. */
  readonly scaleDownSeconds: number;
  /** What its pods are and need. */
  readonly pods: FleetPods;
}

/** What a fleet's pods are, and what they need to be scheduled. */
export interface FleetPods {
  /** Labels that its pods have; none where the fleet does not say. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that its nodes have. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** The resource that it is short of, for instance `nvidia.com/gpu` or `nvidia.com/mig-1g.10gb`. */
  readonly resource: string;
  /** Of that, what one replica takes. */
  readonly perReplica: number;
  /** Pods that may wait for a node to be made for them; 0 where nobody makes nodes. */
  readonly mayWait: number;
}

/** What KEDA itself reads of a trigger's metadata, and hands on with the rest. */
const kedaKeys = new Set(['scalerAddress', 'tlsCertFile', 'caCert', 'tlsClientCert', 'tlsClientKey', 'unsafeSsl', 'enableTLS']);

const number = (least: number, most: number) => {
  const range = `expected a number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, range)
    .transform(Number)
    .refine((value) => value >= least && value <= most, range);
};
const whole = (least: number, most: number) =>
  number(least, most).refine(Number.isInteger, `expected a whole number from ${least} to ${most}`);

const labels = z
  .string()
  .regex(/^[^\s=,]+=[^\s=,]*(,[^\s=,]+=[^\s=,]*)*$/, 'expected name=value, separated by commas')
  .transform((text): Readonly<Record<string, string>> => Object.fromEntries(text.split(',').map((pair) => pair.split('='))));

const metadata = z
  .strictObject({
    model: z.string().min(1, 'expected the name of a model'),
    // Whole, so that multiples of it divide exactly.
    latencySeconds: whole(1, 86_400),
    coldStartSeconds: number(0, 3_600).default(60),
    utilisation: number(0.05, 1).default(0.8),
    minReplicas: whole(0, 10_000).default(0),
    maxReplicas: whole(1, 10_000),
    scaleDownSeconds: number(0, 86_400).default(300),
    share: number(0.001, 1).default(1),
    podLabels: labels.default({}),
    nodeLabels: labels.default({}),
    resource: z.string().min(1).default('nvidia.com/gpu'),
    perReplica: number(0.001, 1e12).default(1),
    podsMayWait: whole(0, 10_000).default(0),
  })
  .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
    path: ['minReplicas'],
    message: 'expected no more than maxReplicas',
  });

/**
 * Reads what a ScaledObject's trigger says of its fleet.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` naming the key of the metadata that is missing, wrong or not known.
 */
export function readFleet({ namespace, name, scalerMetadata }: ScaledObjectRef): Fleet {
  const own = Object.entries(scalerMetadata).filter(([key]) => !kedaKeys.has(key));
  const parsed = metadata.safeParse(Object.fromEntries(own));
  if (!parsed.success) throw refusal(parsed.error);
  const { model, share, scaleDownSeconds, podLabels, nodeLabels, resource, perReplica, podsMayWait, ...settings } = parsed.data;
  return {
    name: `${namespace}/${name}`,
    namespace,
    model,
    share,
    settings,
    scaleDownSeconds,
    pods: { labels: podLabels, nodeLabels, resource, perReplica, mayWait: podsMayWait },
  };
}

function refusal(error: z.ZodError): DarkroomError {
  const [issue] = error.issues;
  const param = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  const missing = issue?.code === 'invalid_type';
  const problem = issue?.code === 'unrecognized_keys' ? 'is not known' : missing ? 'is missing' : `is wrong: ${issue?.message}`;
  return new DarkroomError({
    code: 'invalid_argument',
    message: `\`${param}\` of the trigger's metadata ${problem}`,
    ...(param === undefined ? {} : { param }),
  });
}
