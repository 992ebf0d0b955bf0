export { type BackupManifest, backupFiles, backupManifest } from './backup.js';
export type { WorkerBody, WorkerGenerationBody, WorkerListBody } from './fleet.js';
export {
  type OperatorRole,
  operatorRoles,
  type Permission,
  permissions,
  type SignInWay,
  signInWays,
} from './operators.js';
