import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

export type TransferKind = 'backup' | 'restore' | 'copy'

/** One backup, restore or copy of a database. */
export type Transfer = Readonly<{
  id: string
  appId: string
  addonId: string | null
  /** Counts up within the app, over all kinds. */
  num: number
  kind: TransferKind
  scheduleId: string | null
  fromName: string
  toName: string
  startedAt: string | null
  finishedAt: string | null
  canceledAt: string | null
  succeeded: boolean
  warnings: number
  processedBytes: number
  sourceBytes: number
  /** Hex digest of a backup's finished file. */
  sha256: string | null
  createdAt: string
  updatedAt: string
}>

export type NewTransfer = Pick<
  Transfer,
  'appId' | 'addonId' | 'kind' | 'scheduleId' | 'fromName' | 'toName'
>

export type TransferChange = Partial<
  Pick<
    Transfer,
    | 'startedAt'
    | 'finishedAt'
    | 'canceledAt'
    | 'succeeded'
    | 'warnings'
    | 'processedBytes'
    | 'sourceBytes'
    | 'sha256'
  >
>

export type TransferLog = Readonly<{ createdAt: string; message: string }>

export function transfersTable(db: Database, now: () => string) {
  const table = {
    create(transfer: NewTransfer): Transfer {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into transfers (id, app_id, addon_id, num, kind, schedule_id, from_name, to_name,
          created_at, updated_at)
          values (?1, ?2, ?3, (select coalesce(max(num), 0) + 1 from transfers where app_id = ?2),
          ?4, ?5, ?6, ?7, ?8, ?8)`,
        id,
        transfer.appId,
        transfer.addonId,
        transfer.kind,
        transfer.scheduleId,
        transfer.fromName,
        transfer.toName,
        at,
      )
      return table.get(id)
    },
    get(id: string): Transfer {
      const row = db.get('select * from transfers where id = ?', id)
      if (row === undefined) throw new Error(`transfer ${id} is gone`)
      return transferOf(row)
    },
    /** @param key number within the app, or id */
    find(appId: string, key: string): Transfer | undefined {
      const num = /^\d{1,9}$/.test(key) ? Number(key) : -1
      const row = db.get(
        'select * from transfers where app_id = ? and (num = ? or id = ?)',
        appId,
        num,
        key,
      )
      return row === undefined ? undefined : transferOf(row)
    },
    findById(id: string): Transfer | undefined {
      const row = db.get('select * from transfers where id = ?', id)
      return row === undefined ? undefined : transferOf(row)
    },
    /** Newest last. */
    ofApp: (appId: string): Transfer[] =>
      db.all('select * from transfers where app_id = ? order by num', appId).map(transferOf),
    unfinished: (): Transfer[] =>
      db.all('select * from transfers where finished_at is null').map(transferOf),
    update(id: string, change: TransferChange): Transfer {
      const next = { ...table.get(id), ...change }
      db.run(
        `update transfers set started_at = ?, finished_at = ?, canceled_at = ?, succeeded = ?,
          warnings = ?, processed_bytes = ?, source_bytes = ?, sha256 = ?, updated_at = ?
          where id = ?`,
        next.startedAt,
        next.finishedAt,
        next.canceledAt,
        next.succeeded ? 1 : 0,
        next.warnings,
        next.processedBytes,
        next.sourceBytes,
        next.sha256,
        now(),
        id,
      )
      return table.get(id)
    },
    remove(id: string): void {
      db.run('delete from transfers where id = ?', id)
    },
    log(id: string, message: string): void {
      db.run(
        'insert into transfer_logs (transfer_id, created_at, message) values (?, ?, ?)',
        id,
        now(),
        message,
      )
    },
    logs: (id: string): TransferLog[] =>
      db.all('select * from transfer_logs where transfer_id = ? order by rowid', id).map((row) => ({
        createdAt: row['created_at'] as string,
        message: row['message'] as string,
      })),
  }
  return table
}

const transferOf = (row: Row): Transfer => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  addonId: row['addon_id'] as string | null,
  num: row['num'] as number,
  kind: row['kind'] as TransferKind,
  scheduleId: row['schedule_id'] as string | null,
  fromName: row['from_name'] as string,
  toName: row['to_name'] as string,
  startedAt: row['started_at'] as string | null,
  finishedAt: row['finished_at'] as string | null,
  canceledAt: row['canceled_at'] as string | null,
  succeeded: row['succeeded'] === 1,
  warnings: row['warnings'] as number,
  processedBytes: row['processed_bytes'] as number,
  sourceBytes: row['source_bytes'] as number,
  sha256: row['sha256'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
