import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { AdminController } from './admin/admin.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditHandlers } from './audit/audit.handlers.js';
import { AuditIntake } from './audit/audit-intake.js';
import { AuditLog } from './audit/audit-log.js';
import { LogVerifier } from './audit/log-verifier.js';
import { BackupController } from './backup/backup.controller.js';
import { Backup } from './backup/backup.js';
import { Blobs } from './blobs/blobs.provider.js';
import { ClusterController } from './cluster/cluster.controller.js';
import { ClusterWatch } from './cluster/cluster-watch.js';
import { FleetScale } from './cluster/fleet-scale.js';
import { ControlPlaneHandlers } from './control-plane.handlers.js';
import { Dashboard } from './dashboard/dashboard.js';
import { Database } from './database/database.provider.js';
import { FleetWorkers } from './fleet/fleet-workers.js';
import { WorkersController } from './fleet/workers.controller.js';
import { GenerationActions } from './generations/generation-actions.js';
import { GenerationDeliveries } from './generations/generation-deliveries.js';
import { GenerationFiles } from './generations/generation-files.js';
import { GenerationReport } from './generations/generation-report.js';
import { GenerationsController } from './generations/generations.controller.js';
import { QueuedGenerations } from './generations/queued-generations.js';
import { GenerationChanges } from './journal/generation-changes.js';
import { GenerationJournal } from './journal/generation-journal.js';
import { JournalHandlers } from './journal/journal.handlers.js';
import { JournalRetention } from './journal/journal-retention.js';
import { QueueWatch } from './journal/queue-watch.js';
import { KeyRepository } from './keys/key.repository.js';
import { KeyService } from './keys/key.service.js';
import { ChangeStream } from './live/change-stream.js';
import { LiveController } from './live/live.controller.js';
import { CanaryRepository } from './models/canary.repository.js';
import { CanaryWatch } from './models/canary-watch.js';
import { ModelRepository } from './models/model.repository.js';
import { ModelStates } from './models/model-states.js';
import { ModelVerifications } from './models/model-verifications.js';
import { ModelsController } from './models/models.controller.js';
import { RegistrationRepository } from './models/registration.repository.js';
import { RevisionOutcomes } from './models/revision-outcomes.js';
import { RoutingHandlers } from './models/routing.handlers.js';
import { WarmModels } from './models/warm-models.js';
import { AdminRoutes } from './operators/admin-routes.js';
import { AdminToken } from './operators/admin-token.js';
import { AuditInterceptor } from './operators/audit.interceptor.js';
import { Authentication } from './operators/authentication.js';
import { OpenSessions } from './operators/open-sessions.js';
import { OpenIdController } from './operators/openid/openid.controller.js';
import { OpenId } from './operators/openid/openid-provider.js';
import { OperatorGuard } from './operators/operator.guard.js';
import { OperatorRepository } from './operators/operator.repository.js';
import { OperatorActions } from './operators/operator-actions.js';
import { OperatorsController } from './operators/operators.controller.js';
import { Origin } from './operators/origin.js';
import { Passwords } from './operators/passwords.js';
import { SessionController } from './operators/session.controller.js';
import { Sessions } from './operators/sessions.js';
import { SignInThrottle } from './operators/sign-in-throttle.js';
import { ModelActivities } from './overview/model-activities.js';
import { OverviewController } from './overview/overview.controller.js';
import { Overview } from './overview/overview.js';
import { RecentRecords } from './overview/recent-records.js';
import { DecisionReplay } from './policies/decision-replay.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PolicyHandlers } from './policies/policy.handlers.js';
import { PolicyRepository } from './policies/policy.repository.js';
import { GenerationQueues } from './queue/generation-queues.js';
import { FindingsController } from './red-team/findings.controller.js';
import { FindingsFolder } from './red-team/findings-folder.js';
import { ReviewController } from './review/review.controller.js';
import { ReviewHandlers } from './review/review.handlers.js';
import { ReviewImages } from './review/review-images.js';
import { ReviewQueue } from './review/review-queue.js';
import { TenantRepository } from './tenants/tenant.repository.js';
import { MonthlyUsage } from './usage/monthly-usage.js';
import { UsageRepository } from './usage/usage.repository.js';
import { UsageSummary } from './usage/usage-summary.js';
import { AdminDeliveriesController } from './webhooks/admin-deliveries.controller.js';
import { AdminWebhooksController } from './webhooks/admin-webhooks.controller.js';
import { OwedMessages } from './webhooks/owed-messages.js';
import { SecretBox } from './webhooks/secret-box.js';
import { WebhookHandlers } from './webhooks/webhook.handlers.js';
import { WebhookRepository } from './webhooks/webhook.repository.js';
import { WebhookDeliveries } from './webhooks/webhook-deliveries.js';

@Module({
  imports: [DiscoveryModule],
  controllers: [
    SessionController,
    OpenIdController,
    OperatorsController,
    AdminController,
    AuditController,
    ReviewController,
    PoliciesController,
    WorkersController,
    ModelsController,
    ClusterController,
    OverviewController,
    LiveController,
    BackupController,
    AdminWebhooksController,
    AdminDeliveriesController,
    FindingsController,
    GenerationsController,
  ],
  providers: [
    Database,
    GenerationQueues,
    TenantRepository,
    KeyRepository,
    KeyService,
    UsageRepository,
    MonthlyUsage,
    UsageSummary,
    ControlPlaneHandlers,
    SecretBox,
    WebhookRepository,
    OwedMessages,
    WebhookHandlers,
    WebhookDeliveries,
    AuditLog,
    AuditIntake,
    LogVerifier,
    AuditHandlers,
    ReviewQueue,
    ReviewImages,
    ReviewHandlers,
    PolicyRepository,
    DecisionReplay,
    Backup,
    PolicyHandlers,
    FleetWorkers,
    FindingsFolder,
    ModelRepository,
    ClusterWatch,
    FleetScale,
    ModelActivities,
    RecentRecords,
    Overview,
    ChangeStream,
    CanaryRepository,
    RevisionOutcomes,
    CanaryWatch,
    RegistrationRepository,
    ModelVerifications,
    WarmModels,
    ModelStates,
    RoutingHandlers,
    GenerationChanges,
    GenerationJournal,
    JournalHandlers,
    JournalRetention,
    Blobs,
    QueuedGenerations,
    GenerationFiles,
    GenerationDeliveries,
    GenerationReport,
    GenerationActions,
    AdminToken,
    Authentication,
    Origin,
    OperatorRepository,
    Sessions,
    OpenSessions,
    SignInThrottle,
    Passwords,
    OpenId,
    OperatorActions,
    AdminRoutes,
    Dashboard,
    { provide: APP_GUARD, useClass: OperatorGuard },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
    QueueWatch,
  ],
})
export class AppModule {}
