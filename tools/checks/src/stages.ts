import { alertsCheck } from './checks/alerts.js';
import { boundariesCheck } from './checks/boundaries.js';
import { dashboardsCheck } from './checks/dashboards.js';
import { documentsCheck } from './checks/documents.js';
import { imagesCheck } from './checks/images.js';
import { leftoversCheck } from './checks/leftovers.js';
import { metricsCheck } from './checks/metrics.js';
import { openapiCheck } from './checks/openapi.js';
import { protoChecks } from './checks/protos.js';
import { styleCheck } from './checks/style.js';
import { trainingCheck } from './checks/training.js';
import { buildCheck, specTypesCheck } from './checks/types.js';
import { vitestCheck } from './checks/vitest.js';
import type { Check } from './run/check.js';

/** The checks that read sources and run nothing of ours: what `npm run lint` does. */
export function staticChecks(root: string): readonly Check[] {
  return [
    styleCheck(root),
    boundariesCheck(root),
    ...protoChecks(root),
    openapiCheck(root),
    documentsCheck(root),
    metricsCheck(root),
    dashboardsCheck(root),
    alertsCheck(root),
    imagesCheck(root),
    leftoversCheck(root),
  ];
}

/** The parts of `npm test`, by the names under which each can be run alone, in the order in which they run. */
export function stages(root: string): ReadonlyMap<string, readonly Check[]> {
  return new Map([
    ['types', [buildCheck(root), specTypesCheck(root)]],
    ['lint', staticChecks(root)],
    ['unit', [vitestCheck(root, 'unit', 'unit and contract tests', 600_000)]],
    ['e2e', [vitestCheck(root, 'e2e*', 'end-to-end tests', 840_000)]],
    ['train', [trainingCheck(root)]],
  ]);
}
