export type { Account, Authorization } from './accounts.ts'
export type { Addon, AddonChange, AddonState, NewAddon } from './addons.ts'
export type { AppSetup } from './app-setups.ts'
export type { AppTransfer } from './app-transfers.ts'
export type { App, AppChange } from './apps.ts'
export type { Attachment, NewAttachment } from './attachments.ts'
export type { BuildpackInstallation } from './buildpack-installations.ts'
export type { Collaborator } from './collaborators.ts'
export type { AuditEntry } from './audit-log.ts'
export type { Invitation } from './invitations.ts'
export type { Build, BuildEnd, BuildSource, BuildStatus } from './builds.ts'
export { renderConfig, type ConfigVar, type Endpoints } from './config-vars.ts'
export type { Database, Row, RowChange } from './database.ts'
export type { Domain } from './domains.ts'
export type { DynoChange, DynoRecord, NewDyno } from './dynos.ts'
export type { Formation } from './formations.ts'
export { homeAt, type Home } from './home.ts'
export type { OauthClient } from './oauth-clients.ts'
export type { LogDrain } from './log-drains.ts'
export {
  STAGES,
  type Pipeline,
  type PipelineCoupling,
  type PipelinePromotion,
  type PipelineStage,
  type PromotionTarget,
} from './pipelines.ts'
export { problem } from './problems.ts'
export type { NewRelease, Release, ReleaseStatus } from './releases.ts'
export type { SniEndpoint, SniEndpointContent } from './sni-endpoints.ts'
export { hashToken, newSecret, sameSecret, secretsOf, type Secrets } from './secrets.ts'
export type { NewSlug, Slug } from './slugs.ts'
export { openStore, type Store } from './store.ts'
export type { NewTransferSchedule, TransferSchedule } from './transfer-schedules.ts'
export type {
  NewTransfer,
  Transfer,
  TransferChange,
  TransferKind,
  TransferLog,
} from './transfers.ts'
export type {
  Webhook,
  WebhookAttempt,
  WebhookContent,
  WebhookDelivery,
  WebhookEvent,
} from './webhooks.ts'
export type { NewScheduledJob, ScheduledJob, ScheduledRun } from './scheduled-jobs.ts'
