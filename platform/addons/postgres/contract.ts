import type { Addon, App, Transfer, TransferLog, TransferSchedule } from '../../store/index.ts'
import type { Connection } from './dump.ts'
import type { InfoLine } from './info.ts'

/** What can be done with databases, beyond what every add-on can. */
export type Postgres = Readonly<{
  info: (addon: Addon) => Promise<InfoLine[]>
  /** The default credential's address, with `{{endpoint:postgres}}` in it. */
  address: (addon: Addon) => string
  /** @throws Problem `invalid_params` while it is being backed up or restored */
  reset: (addon: Addon, extensions: readonly string[]) => Promise<void>
  resetConnections: (addon: Addon) => Promise<void>
  resetStatistics: (addon: Addon) => Promise<void>
  /** `none`, `pl` or `all`; see `track_functions` of PostgreSQL. */
  trackedFunctions: (addon: Addon) => Promise<string>
  trackFunctions: (addon: Addon, which: string) => Promise<string>

  credentials: Credentials
  transfers: Transfers
  schedules: Schedules

  /** At start: clears what a dead control plane left, then runs the schedules. */
  recover: () => Promise<void>
  close: () => Promise<void>
}>

/** The roles of a database. */
export type Credentials = Readonly<{
  list: (addon: Addon) => DatabaseCredential[]
  /** @throws Problem `not_found` */
  get: (addon: Addon, name: string) => DatabaseCredential
  create: (addon: Addon, accountId: string, name: string) => Promise<void>
  destroy: (addon: Addon, accountId: string, name: string) => Promise<void>
  /** New passwords for one credential or, without a name, for all; ends their connections. */
  rotate: (addon: Addon, accountId: string, name?: string) => Promise<void>
}>

export type DatabaseCredential = Readonly<{
  name: string
  user: string
  password: string
  database: string
  host: string
  port: string
}>

/** Backups, restores and copies. */
export type Transfers = Readonly<{
  /** Backs a database up. */
  capture: (addon: Addon) => Transfer
  restore: (addon: Addon, source: RestoreSource, extensions: readonly string[]) => Transfer
  copy: (addon: Addon, request: CopyRequest) => Transfer
  /** With the bytes of the moment for those that run. */
  list: (app: App) => Transfer[]
  /** @throws Problem `not_found` */
  get: (app: App, key: string) => Transfer
  logs: (transfer: Transfer) => TransferLog[]
  /** Resolves when it has ended. */
  cancel: (transfer: Transfer) => Promise<void>
  remove: (transfer: Transfer) => Promise<void>
  /** Ends and removes all of an app. */
  removeAll: (appId: string) => Promise<void>
  /** Secret under which a backup can be downloaded for an hour. */
  downloadToken: (transfer: Transfer) => string
  /** The backup that a token is for, and its file. @throws Problem `not_found` */
  download: (token: string) => Readonly<{ transfer: Transfer; file: string }>
  /** Resolves when none is under way. */
  idle: () => Promise<void>
}>

/** Where a restore gets its dump from. */
export type RestoreSource =
  | Readonly<{ kind: 'backup'; transfer: Transfer }>
  | Readonly<{ kind: 'url'; url: string }>
  | Readonly<{ kind: 'database'; connection: Connection }>

export type CopyRequest = Readonly<{
  fromName: string
  fromUrl: string
  toName: string
  toUrl: string
}>

/** Daily backups. */
export type Schedules = Readonly<{
  /** Of all databases of the app that owns this one. */
  list: (addon: Addon) => TransferSchedule[]
  /** A second schedule under the same name replaces the first. */
  set: (addon: Addon, request: ScheduleRequest) => TransferSchedule
  /** @throws Problem `not_found` */
  remove: (addon: Addon, id: string) => void
}>

/** A full hour of each day in an IANA time zone. */
export type ScheduleRequest = Readonly<{ name: string; hour: number; timezone: string }>

/** What databases need of the life of add-ons. */
export type DatabaseLifecycle = Readonly<{
  /** Runs work that needs an add-on to itself, and repairs what it may leave. */
  exclusively: <T>(addonId: string, work: () => Promise<T>) => Promise<T>
  change: (
    addon: Addon,
    accountId: string,
    next: Readonly<{ resource: (resource: unknown) => unknown }>,
  ) => Promise<unknown>
}>
