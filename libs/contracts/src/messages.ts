// Every message and service of proto/, by name: each generated file also exports helpers of the same names, so `export *` can't do.
export {
  AuditEntry,
  AuditServiceService,
  Decision,
  LogProblem,
  OperatorAct,
  OperatorFact,
  PolicyAct,
  ReviewAct,
  VerifyLogRequest,
  VerifyLogResponse,
} from './generated/darkroom/audit/v1/audit.js';
export { PassTime, TenantLoad, WorkerIdentity, WorkerReport } from './generated/darkroom/capacity/v1/capacity.js';
export {
  ControlPlaneServiceService,
  GenerationRetry,
  GetMonthlyUsageRequest,
  GetMonthlyUsageResponse,
  RecordUsageRequest,
  RecordUsageResponse,
  SummariseUsageRequest,
  SummariseUsageResponse,
  Tenant,
  UsageSum,
  VerifyKeyRequest,
  VerifyKeyResponse,
} from './generated/darkroom/control/v1/control_plane.js';
export {
  DecodeRequest,
  DecodeResponse,
  EncodeImageRequest,
  EncodeImageResponse,
  ImageFormat,
  KeptPicture,
  TileSize,
  VaeDecoderServiceService,
  VaeEncoderServiceService,
} from './generated/darkroom/decoding/v1/vae_decoder.js';
export {
  CountTokensRequest,
  CountTokensResponse,
  EncodeBatchRequest,
  EncodeBatchResponse,
  EncodeRequest,
  EncodeResponse,
  PromptEncoderServiceService,
} from './generated/darkroom/encoding/v1/prompt_encoder.js';
export { ErrorDetail } from './generated/darkroom/errors/v1/error.js';
export {
  GeneratedImage,
  GenerationEvent,
  GenerationJob,
  GenerationProgressEvent,
  GenerationResult,
  ModerationNotice,
  PartialImageEvent,
  Receipt,
  Replay,
  StageTiming,
  TokenCounts,
} from './generated/darkroom/generation/v1/generation.js';
export {
  AcceptedGeneration,
  AcceptRequest,
  AcceptResponse,
  EarlierGeneration,
  FindGenerationRequest,
  FindGenerationResponse,
  GetUnfinishedRequest,
  GetUnfinishedResponse,
  JournalEntry,
  JournalServiceService,
  ListGenerationsRequest,
  ListGenerationsResponse,
  ListUnfinishedRequest,
  ListUnfinishedResponse,
  NoteCancellationsRequest,
  NoteCancellationsResponse,
  UnfinishedGeneration,
  UnfinishedId,
  WithdrawRequest,
  WithdrawResponse,
} from './generated/darkroom/journal/v1/journal.js';
export {
  CategoryScore,
  ModerateImageRequest,
  ModerateImageResponse,
  ModeratePromptRequest,
  ModeratePromptResponse,
  ModerationContext,
  ModeratorServiceService,
  Verdict,
} from './generated/darkroom/moderation/v1/moderator.js';
export { GetPolicyRequest, GetPolicyResponse, PolicyServiceService } from './generated/darkroom/policy/v1/policy.js';
export {
  ManifestState,
  MarkDetection,
  ProvenanceServiceService,
  SignRequest,
  SignResponse,
  VerifyRequest,
  VerifyResponse,
} from './generated/darkroom/provenance/v1/provenance.js';
export {
  AppealRequest,
  AppealResponse,
  GetReviewRequest,
  GetReviewResponse,
  Review,
  ReviewServiceService,
} from './generated/darkroom/review/v1/review.js';
export {
  CanarySplit,
  RoutingServiceService,
  ServedModelFacts,
  SyncRequest,
  SyncResponse,
} from './generated/darkroom/routing/v1/routing.js';
export { DataType, NamedTensor, Tensor } from './generated/darkroom/tensor/v1/tensor.js';
export {
  CreateWebhookRequest,
  CreateWebhookResponse,
  DeleteWebhookRequest,
  DeleteWebhookResponse,
  GetSigningSecretsRequest,
  GetSigningSecretsResponse,
  GetWebhookRequest,
  GetWebhookResponse,
  ListWebhooksRequest,
  ListWebhooksResponse,
  RotateWebhookSecretRequest,
  RotateWebhookSecretResponse,
  UpdateWebhookRequest,
  UpdateWebhookResponse,
  Webhook,
  WebhookServiceService,
} from './generated/darkroom/webhooks/v1/webhooks.js';
export {
  ExternalScalerClient,
  ExternalScalerService,
  GetMetricSpecResponse,
  GetMetricsRequest,
  GetMetricsResponse,
  IsActiveResponse,
  MetricSpec,
  MetricValue,
  ScaledObjectRef,
} from './generated/externalscaler/externalscaler.js';
