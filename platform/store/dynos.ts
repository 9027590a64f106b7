import { flag, integer, nullable, oneOf, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const DYNOS = defineTable({
  name: 'dynos',
  one: 'dyno',
  columns: {
    id: text,
    appId: text,
    name: text,
    type: text,
    /** Place in the formation, from 1; null for one-offs. */
    ordinal: nullable(integer),
    command: text,
    size: text,
    releaseId: text,
    releaseVersion: integer,
    state: oneOf('starting', 'up', 'idle', 'crashed', 'stopping', 'down', 'complete'),
    stateSince: text,
    stateReason: nullable(text),
    /** False: to be replaced by a new start of the same slot. */
    fresh: flag,
    /** No longer part of the formation: it is drained, stopped and forgotten. */
    retired: flag,
    /** The router sends it requests. */
    serving: flag,
    host: nullable(text),
    port: nullable(integer),
    crashes: integer,
    restartAt: nullable(text),
    cycleAt: nullable(text),
    attached: flag,
    attachUrl: nullable(text),
    deadline: nullable(text),
    exitCode: nullable(integer),
    exitSignal: nullable(text),
    exitOom: nullable(flag),
    createdAt: text,
    updatedAt: text,
  },
})

/** One start of a dyno, or a slot of the formation that is without one. */
export type DynoRecord = RowOf<typeof DYNOS>

export type NewDyno = Omit<DynoRecord, 'stateSince' | 'createdAt' | 'updatedAt'>
export type DynoChange = Partial<
  Omit<NewDyno, 'id' | 'appId' | 'name' | 'type' | 'ordinal' | 'releaseId' | 'releaseVersion'>
>

export function dynosTable(db: Database, now: () => string) {
  const dynos = new Table(db, DYNOS, now)
  const find = (id: string): DynoRecord | undefined => dynos.find('where id = ?', id)
  return {
    create: (dyno: NewDyno): DynoRecord => dynos.insert({ ...dyno, stateSince: now() }),
    find,
    get: (id: string): DynoRecord => dynos.get(id),
    /** In the order of their starts. */
    list: (appId: string): DynoRecord[] =>
      dynos.all('where app_id = ? order by created_at, rowid', appId),
    all: (): DynoRecord[] => dynos.all('order by created_at, rowid'),
    /** Changes a dyno that may be gone meanwhile; a new state starts its own clock. */
    update(id: string, change: DynoChange): DynoRecord | undefined {
      const old = find(id)
      if (old === undefined) return undefined
      const isSame = change.state === undefined || change.state === old.state
      return dynos.updateIfThere(id, { ...change, stateSince: isSame ? old.stateSince : now() })
    },
    remove: (id: string): void => dynos.remove(id),
  }
}
