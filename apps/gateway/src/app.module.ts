import { Module } from '@nestjs/common';
import { Admission } from './admission/admission.js';
import { Moderation } from './admission/moderation.js';
import { PromptLength } from './admission/prompt-length.js';
import { QueueAdmission } from './admission/queue-admission.js';
import { AppealsController } from './appeals/appeals.controller.js';
import { Appeals } from './appeals/appeals.js';
import { ApiKeyHook } from './auth/api-key.hook.js';
import { VerifiedKeys } from './auth/verified-keys.js';
import { Config } from './config.js';
import { EditForms } from './edits/edit-forms.js';
import { EditRequests } from './edits/edit-requests.js';
import { Pictures } from './edits/pictures.js';
import { UploadBudget } from './edits/upload-budget.js';
import { EventsController } from './events/events.controller.js';
import { GenerationEvents } from './events/generation-events.js';
import { Blobs } from './files/blobs.provider.js';
import { FileUrls } from './files/file-urls.js';
import { FilesController } from './files/files.controller.js';
import { Forecasts } from './forecast/forecasts.js';
import { GenerationProgressReader } from './forecast/generation-progress.js';
import { QueueProgress } from './forecast/queue-progress.js';
import { Delivery } from './generations/delivery.js';
import { EarlierIndex } from './generations/earlier-index.js';
import { GenerationService } from './generations/generation.service.js';
import { GenerationList } from './generations/generation-list.js';
import { GenerationViewer } from './generations/generation-viewer.js';
import { GenerationsController } from './generations/generations.controller.js';
import { ImageStream } from './generations/image-stream.js';
import { ImagesController } from './generations/images.controller.js';
import { ImagesAnswer } from './generations/images-answer.js';
import { MaiController } from './generations/mai.controller.js';
import { GenerationReplay } from './generations/replay.js';
import { RetriedGenerations } from './generations/retried-generations.js';
import { RetryWorker } from './generations/retry-worker.js';
import { StoredInputs } from './generations/stored-inputs.js';
import { Waiters } from './generations/waiters.js';
import { Journal } from './journal/journal.js';
import { JournalClient } from './journal/journal-client.js';
import { JournalledStates } from './journal/journalled-state.js';
import { LimitHeaders } from './limits/limit-headers.js';
import { LimitStore } from './limits/limit-store.js';
import { Limits } from './limits/limits.js';
import { Canaries } from './models/canaries.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import { ModelRouting } from './models/model-routing.js';
import { ModelsController } from './models/models.controller.js';
import { TenantModels } from './models/tenant-models.js';
import { Neighbours } from './neighbours/neighbours.js';
import { DocsController } from './openapi/docs.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { Playground } from './playground/playground.js';
import { ProvenanceController } from './provenance/provenance.controller.js';
import { GenerationJobs } from './queue/generation-jobs.js';
import { Idempotency } from './queue/idempotency.js';
import { ModelQueues } from './queue/model-queues.js';
import { QueueMetrics } from './queue/queue-metrics.js';
import { RedisCommands } from './queue/redis.provider.js';
import { RedisMetrics } from './queue/redis-metrics.js';
import { LostGenerations } from './recovery/lost-generations.js';
import { MessageRecovery } from './recovery/message-recovery.js';
import { QueueRecovery } from './recovery/queue-recovery.js';
import { RepeatedLooks } from './recovery/repeated-looks.js';
import { UsageController } from './usage/usage.controller.js';
import { AddressPolicy } from './webhooks/address-policy.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { Deliveries } from './webhooks/deliveries.js';
import { DeliveryProcessor } from './webhooks/delivery-processor.js';
import { EventProcessor } from './webhooks/event-processor.js';
import { Sender } from './webhooks/sender.js';
import { WebhookDirectory } from './webhooks/webhook-directory.js';
import { WebhookWorkers } from './webhooks/webhook-workers.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

@Module({
  controllers: [
    ImagesController,
    MaiController,
    GenerationsController,
    EventsController,
    ModelsController,
    ProvenanceController,
    UsageController,
    FilesController,
    OpenApiController,
    DocsController,
    WebhooksController,
    DeliveriesController,
    AppealsController,
  ],
  providers: [
    // who may
    Neighbours,
    VerifiedKeys,
    ApiKeyHook,
    // how much
    LimitStore,
    LimitHeaders,
    Limits,
    // what may
    ModelCatalogue,
    ModelRouting,
    Canaries,
    TenantModels,
    PromptLength,
    Moderation,
    QueueAdmission,
    Admission,
    // pictures to edit
    UploadBudget,
    EditForms,
    Pictures,
    EditRequests,
    // the queue
    RedisCommands,
    ModelQueues,
    QueueMetrics,
    RedisMetrics,
    Idempotency,
    JournalClient,
    Journal,
    JournalledStates,
    RepeatedLooks,
    LostGenerations,
    QueueRecovery,
    GenerationJobs,
    StoredInputs,
    GenerationService,
    GenerationList,
    EarlierIndex,
    GenerationReplay,
    RetriedGenerations,
    RetryWorker,
    Waiters,
    // while it is made
    Forecasts,
    GenerationProgressReader,
    QueueProgress,
    GenerationViewer,
    GenerationEvents,
    ImageStream,
    ImagesAnswer,
    // the images
    Blobs,
    FileUrls,
    Delivery,
    // those who are told of the end
    { provide: AddressPolicy, inject: [Config], useFactory: (config: Config) => new AddressPolicy(config) },
    WebhookDirectory,
    Deliveries,
    Sender,
    DeliveryProcessor,
    EventProcessor,
    WebhookWorkers,
    MessageRecovery,
    // those who disagree
    Appeals,
    // the page
    Playground,
  ],
})
export class AppModule {}
