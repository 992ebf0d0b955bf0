import { existsSync } from 'node:fs';
import {
  defineConfig,
  grpcVariables,
  integerSchema,
  namesSchema,
  portSchema,
  redisVariables,
  serviceVariables,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';

/** Where a pod finds what its service account may use; where it is, the process runs in a cluster. */
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const kubernetesSchema = z
  .string()
  .regex(/^(in-cluster|none|https?:\/\/\S+)$/, 'expected in-cluster, none, or an address like http://127.0.0.1:8001')
  .default(existsSync(serviceAccountToken) ? 'in-cluster' : 'none');

/** The autoscaler's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'autoscaler',
  summary: "Tells KEDA how many denoisers each model's fleet should have.",
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    grpcPort: variable('GRPC_PORT', portSchema(6000), 'port that KEDA calls; 0 takes a free one'),
    ...redisVariables,
    models: variable(
      'MODELS',
      namesSchema.refine((names): names is string[] => names !== undefined, 'expected the names of the models that have fleets'),
      'names of the models that have fleets, separated by commas; one that is asked for and not among them is not known',
    ),
    kubernetes: variable(
      'KUBERNETES_API',
      kubernetesSchema,
      'whom to ask what can be scheduled: in-cluster, none, or the address of an API server or of `kubectl proxy`',
    ),
    kubernetesStaleSeconds: variable(
      'KUBERNETES_STALE_SECONDS',
      integerSchema(1, 3_600).default(30),
      'how long what was seen last counts while the Kubernetes API is not reachable; then fleets stay as they are',
    ),
  },
}) {}
