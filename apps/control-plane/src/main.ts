import {
  AuditServiceService,
  ControlPlaneServiceService,
  JournalServiceService,
  PolicyServiceService,
  ReviewServiceService,
  RoutingServiceService,
  WebhookServiceService,
} from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { AuditHandlers } from './audit/audit.handlers.js';
import { Config } from './config.js';
import { ControlPlaneHandlers } from './control-plane.handlers.js';
import { JournalHandlers } from './journal/journal.handlers.js';
import { RoutingHandlers } from './models/routing.handlers.js';
import { PolicyHandlers } from './policies/policy.handlers.js';
import { ReviewHandlers } from './review/review.handlers.js';
import { WebhookHandlers } from './webhooks/webhook.handlers.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [
    serve(ControlPlaneServiceService, resolve(ControlPlaneHandlers)),
    serve(WebhookServiceService, resolve(WebhookHandlers)),
    serve(AuditServiceService, resolve(AuditHandlers)),
    serve(ReviewServiceService, resolve(ReviewHandlers)),
    serve(PolicyServiceService, resolve(PolicyHandlers)),
    serve(RoutingServiceService, resolve(RoutingHandlers)),
    serve(JournalServiceService, resolve(JournalHandlers)),
  ],
});
