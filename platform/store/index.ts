export type { Account, Authorization } from './accounts.ts'
export type { Addon, AddonChange, AddonState, NewAddon } from './addons.ts'
export type { App, AppChange } from './apps.ts'
export type { Attachment, NewAttachment } from './attachments.ts'
export type { BuildpackInstallation } from './buildpack-installations.ts'
export type { Collaborator } from './collaborators.ts'
export type { Build, BuildEnd, BuildSource, BuildStatus } from './builds.ts'
export { renderConfig, type ConfigVar, type Endpoints } from './config-vars.ts'
export type { Database, Row } from './database.ts'
export type { Domain } from './domains.ts'
export type { DynoChange, DynoRecord, NewDyno } from './dynos.ts'
export type { Formation } from './formations.ts'
export { homeAt, type Home } from './home.ts'
export type { LogDrain } from './log-drains.ts'
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
