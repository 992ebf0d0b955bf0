export { type ErrorCode, errorCodes } from '../../error/darkroom-error.js';
export { type Scope, scopes } from '../../scopes.js';
export { type DeliveryStatus, deliveryStatuses } from '../delivery-status.js';
export {
  type AuditEntryBody,
  type AuditKind,
  auditKinds,
  type DecisionBody,
  type OperatorActBody,
  type PolicyActBody,
  type ReviewActBody,
  type ScoreBody,
  type VerificationBody,
} from './audit.js';
export { type BackupManifest, backupFiles, backupManifest } from './backup.js';
export type { ClusterBody, ClusterFleetBody, ClusterNodeBody, ClusterPodBody } from './cluster.js';
export type { WorkerBody, WorkerGenerationBody, WorkerListBody } from './fleet.js';
export {
  type AdminGenerationBody,
  type AdviceBody,
  type ChargeBody,
  type GenerationDeliveryBody,
  type GenerationImageBody,
  type GenerationRequestBody,
  type JournalStatus,
  journalStatuses,
  type MomentBody,
  type Part,
  type Problem,
  type PromptBody,
  type QueueStateBody,
  type RetryBody,
  type WholeGenerationBody,
} from './generations.js';
export type { ListBody } from './lists.js';
export type {
  CanaryBody,
  CanaryComparisonBody,
  CanaryThresholdsBody,
  FileDifferenceBody,
  ModelRegistrationBody,
  ModelStateBody,
  ModelStateListBody,
  ModelVerificationBody,
  ModelWarmthBody,
  RevisionOutcomesBody,
  WorkerVerificationBody,
} from './models.js';
export {
  type PolicyBody,
  type PolicyDocumentBody,
  type PolicyListBody,
  type PolicyPreviewBody,
  policyStages,
  type ReviewBody,
  type ReviewStatus,
  type RuleBody,
  reviewStatuses,
  type WholeReviewBody,
} from './moderation.js';
export { newOperatorBody, newPasswordBody, operatorChangeBody, signInBody } from './operator-bodies.js';
export {
  maxOperatorName,
  type OperatorBody,
  type OperatorRole,
  type OperatorWithPasswordBody,
  operatorRoles,
  type Permission,
  permissions,
  type SignInWay,
  signInWays,
} from './operators.js';
export type {
  GenerationChangeBody,
  ModelActivityBody,
  ModelHistoryBody,
  OverviewBody,
  OverviewHistoryBody,
  OverviewWithHistoryBody,
  RecentUsageBody,
  RefusalCountBody,
  Sourced,
  StageLatencyBody,
} from './overview.js';
export {
  type BeforeAfterBody,
  type FindingBody,
  type FindingListBody,
  type FindingState,
  findingStates,
  type RateBody,
  type RedTeamReportBody,
} from './red-team.js';
export { requestHeader } from './request-header.js';
export {
  type CurrentOperatorBody,
  passwordLength,
  type SessionBody,
} from './session.js';
export type { IssuedKeyBody, KeyBody, NewKeyBody, TenantBody, TenantChangeBody, WholeTenantBody } from './tenants.js';
export {
  type AdminUsageGrouping,
  type AdminUsageLineBody,
  type AdminUsageSummaryBody,
  adminUsageGroupings,
} from './usage.js';
export type { AdminDeliveryAttemptBody, AdminDeliveryBody, AdminWebhookBody } from './webhooks.js';
