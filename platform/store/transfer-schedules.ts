import { integer, nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const TRANSFER_SCHEDULES = defineTable({
  name: 'transfer_schedules',
  one: 'schedule',
  columns: {
    id: text,
    addonId: text,
    /** Config var under which it was scheduled, e.g. `DATABASE_URL`. */
    name: text,
    /** Full hour of the day in `timezone`, an IANA name. */
    hour: integer,
    timezone: text,
    lastRunAt: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

/** A daily backup of one database. */
export type TransferSchedule = RowOf<typeof TRANSFER_SCHEDULES>

export type NewTransferSchedule = Pick<TransferSchedule, 'addonId' | 'name' | 'hour' | 'timezone'>

export function transferSchedulesTable(db: Database, now: () => string) {
  const schedules = new Table(db, TRANSFER_SCHEDULES, now)
  return {
    /** A second schedule under the same name replaces the first. */
    set: (schedule: NewTransferSchedule): TransferSchedule =>
      schedules.upsert(
        schedule,
        `on conflict (addon_id, name) do update set hour = excluded.hour,
          timezone = excluded.timezone, updated_at = excluded.updated_at`,
      ),
    list: (): TransferSchedule[] => schedules.all('order by created_at'),
    ofAddon: (addonId: string): TransferSchedule[] =>
      schedules.all('where addon_id = ? order by name', addonId),
    ran(id: string): void {
      db.run('update transfer_schedules set last_run_at = ? where id = ?', now(), id)
    },
    remove: (id: string): void => schedules.remove(id),
  }
}
