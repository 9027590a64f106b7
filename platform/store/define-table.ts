import type { SQLInputValue } from 'node:sqlite'
import type { Column, ColumnUse } from './columns.ts'
import type { Row } from './database.ts'

export type Columns = Readonly<Record<string, Column>>

/** A table of the database as the code sees it. The SQL that makes it stands in `migrations/`. */
export type TableDefinition<C extends Columns> = Readonly<{
  name: string
  /** What one row is, for messages: `app`. */
  one: string
  columns: C
}>

type FieldsOf<C extends Columns, Use extends ColumnUse> = {
  [F in keyof C]: C[F]['use'] extends Use ? F : never
}[keyof C]

type TypeOf<T> = T extends Column<infer V> ? V : never

/** A row as it is read. */
export type RowOf<D> =
  D extends TableDefinition<infer C>
    ? Readonly<{ [F in FieldsOf<C, 'required' | 'optional'>]: TypeOf<C[F]> }>
    : never

/** Fields that an insert fills in by itself. */
type Automatic = 'id' | 'createdAt' | 'updatedAt'

/** What an insert needs: fields without a default, apart from id and times. */
export type NewRowOf<D> =
  D extends TableDefinition<infer C>
    ? Readonly<
        { [F in Exclude<FieldsOf<C, 'required' | 'writeOnly'>, Automatic>]: TypeOf<C[F]> } & {
          [F in FieldsOf<C, 'optional'> | Extract<keyof C, Automatic>]?: TypeOf<C[F]>
        }
      >
    : never

/** What an update may change. */
export type ChangeOf<D> =
  D extends TableDefinition<infer C>
    ? Readonly<{ [F in Exclude<keyof C, 'id'>]?: TypeOf<C[F]> }>
    : never

/**
 * Declares a table: its columns once, from which types, SQL and conversions follow.
 *
 * @example
 * const APPS = defineTable({
 *   name: 'apps',
 *   one: 'app',
 *   columns: { id: text, name: text, maintenance: withDefault(flag), slugSize: nullable(integer) },
 * })
 * export type App = RowOf<typeof APPS>
 */
export const defineTable = <const C extends Columns>(
  definition: TableDefinition<C>,
): TableDefinition<C> => definition

/** One field of a table with its column. */
export type Field = Readonly<{ name: string; column: string; type: Column }>

/** The fields of a table in the order of its declaration; `createdAt` lies in `created_at`. */
export const fieldsOf = (columns: Columns): Field[] =>
  Object.entries(columns).map(([name, type]) => ({
    name,
    column: type.sqlName ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type,
  }))

/** Fields that are read with a row. */
export const readFields = (fields: readonly Field[]): Field[] =>
  fields.filter(({ type }) => type.use !== 'writeOnly')

/** A row of SQLite as the fields of a table. */
export const readRow = (fields: readonly Field[], row: Row): Record<string, unknown> =>
  Object.fromEntries(fields.map(({ name, column, type }) => [name, type.read(row[column] ?? null)]))

/**
 * Values that are given, as columns and what SQLite keeps; fields that are not columns are left out,
 * since the types of callers may be wider.
 */
export function writeRow(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): { columns: string[]; values: SQLInputValue[] } {
  const given = fields.filter(({ name }) => values[name] !== undefined)
  return {
    columns: given.map(({ column }) => column),
    values: given.map(({ name, type }) => type.write(values[name])),
  }
}
