import type { Route } from './route.js';
import { appealRoutes } from './routes/appeals.js';
import { fileRoutes } from './routes/files.js';
import { generationRoutes } from './routes/generations.js';
import { imageRoutes } from './routes/images.js';
import { modelRoutes } from './routes/models.js';
import { provenanceRoutes } from './routes/provenance.js';
import { usageRoutes } from './routes/usage.js';
import { webhookRoutes } from './routes/webhooks.js';

/** Every route of the gateway's API; a spec of the gateway compares them with those that it has. */
export const routes: readonly Route[] = [
  ...imageRoutes,
  ...generationRoutes,
  ...modelRoutes,
  ...provenanceRoutes,
  ...usageRoutes,
  ...fileRoutes,
  ...webhookRoutes,
  ...appealRoutes,
];
