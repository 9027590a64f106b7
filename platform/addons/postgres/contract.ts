import type { Addon, App, Transfer, TransferLog, TransferSchedule } from '../../store/index.ts'
import type { RestoreSource } from './backups.ts'
import type { InfoLine } from './info.ts'

export type DatabaseCredential = Readonly<{
  name: string
  user: string
  password: string
  database: string
  host: string
  port: string
}>

/** What can be done with databases, beyond what every add-on can. */
export type Postgres = Readonly<{
  info: (addon: Addon) => Promise<InfoLine[]>
  /** The default credential's address, with `{{endpoint:postgres}}` in it. */
  address: (addon: Addon) => string
  reset: (addon: Addon, extensions: readonly string[]) => Promise<void>
  resetConnections: (addon: Addon) => Promise<void>

  credentials: (addon: Addon) => DatabaseCredential[]
  credential: (addon: Addon, name: string) => DatabaseCredential
  createCredential: (addon: Addon, accountId: string, name: string) => Promise<void>
  destroyCredential: (addon: Addon, accountId: string, name: string) => Promise<void>
  /** New passwords for one credential or, without a name, for all; ends their connections. */
  rotate: (addon: Addon, accountId: string, name?: string) => Promise<void>

  capture: (addon: Addon) => Transfer
  restore: (addon: Addon, source: RestoreSource, extensions: readonly string[]) => Transfer
  copy: (addon: Addon, request: CopyRequest) => Transfer
  /** With the bytes of the moment for those that run. */
  transfers: (app: App) => Transfer[]
  transfer: (app: App, key: string) => Transfer
  transferLogs: (transfer: Transfer) => TransferLog[]
  cancel: (transfer: Transfer) => Promise<void>
  removeTransfer: (transfer: Transfer) => Promise<void>
  /** Secret under which a backup can be downloaded for an hour. */
  downloadToken: (transfer: Transfer) => string
  /** The backup that a token is for, and its file. */
  download: (token: string) => Readonly<{ transfer: Transfer; file: string }>

  /** Of all databases of the app that owns this one. */
  schedules: (addon: Addon) => TransferSchedule[]
  schedule: (
    addon: Addon,
    request: Readonly<{ name: string; hour: number; timezone: string }>,
  ) => TransferSchedule
  unschedule: (addon: Addon, id: string) => void

  removeBackups: (appId: string) => Promise<void>
  recover: () => Promise<void>
  /** Resolves when no transfer is under way. */
  idle: () => Promise<void>
  close: () => Promise<void>
}>

export type CopyRequest = Readonly<{
  fromName: string
  fromUrl: string
  toName: string
  toUrl: string
}>
