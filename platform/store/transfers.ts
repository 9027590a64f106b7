import { flag, integer, nullable, oneOf, text, withDefault } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const TRANSFERS = defineTable({
  name: 'transfers',
  one: 'transfer',
  columns: {
    id: text,
    appId: text,
    addonId: nullable(text),
    /** Counts up within the app, over all kinds. */
    num: integer,
    kind: oneOf('backup', 'restore', 'copy'),
    scheduleId: nullable(text),
    fromName: text,
    toName: text,
    startedAt: nullable(text),
    finishedAt: nullable(text),
    canceledAt: nullable(text),
    succeeded: withDefault(flag),
    warnings: withDefault(integer),
    processedBytes: withDefault(integer),
    sourceBytes: withDefault(integer),
    /** Hex digest of a backup's finished file. */
    sha256: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

const TRANSFER_LOGS = defineTable({
  name: 'transfer_logs',
  one: 'line',
  columns: { transferId: text, createdAt: text, message: text },
})

/** One backup, restore or copy of a database. */
export type Transfer = RowOf<typeof TRANSFERS>

export type TransferKind = Transfer['kind']

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

export type TransferLog = Omit<RowOf<typeof TRANSFER_LOGS>, 'transferId'>

export function transfersTable(db: Database, now: () => string) {
  const transfers = new Table(db, TRANSFERS, now)
  const logs = new Table(db, TRANSFER_LOGS, now)
  const newest = (appId: string): Transfer | undefined =>
    transfers.find('where app_id = ? order by num desc limit 1', appId)
  return {
    create: (transfer: NewTransfer): Transfer =>
      transfers.insert({ ...transfer, num: (newest(transfer.appId)?.num ?? 0) + 1 }),
    get: (id: string): Transfer => transfers.get(id),
    /** @param key number within the app, or id */
    find(appId: string, key: string): Transfer | undefined {
      const num = /^\d{1,9}$/.test(key) ? Number(key) : -1
      return transfers.find('where app_id = ? and (num = ? or id = ?)', appId, num, key)
    },
    findById: (id: string): Transfer | undefined => transfers.find('where id = ?', id),
    /** Newest last. */
    ofApp: (appId: string): Transfer[] => transfers.all('where app_id = ? order by num', appId),
    unfinished: (): Transfer[] => transfers.all('where finished_at is null'),
    update: (id: string, change: TransferChange): Transfer => transfers.update(id, change),
    remove: (id: string): void => transfers.remove(id),
    log(id: string, message: string): void {
      logs.insert({ transferId: id, message })
    },
    logs: (id: string): TransferLog[] =>
      logs
        .all('where transfer_id = ? order by rowid', id)
        .map(({ createdAt, message }) => ({ createdAt, message })),
  }
}
