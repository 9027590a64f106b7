import { randomUUID } from 'node:crypto'
import type { SQLInputValue } from 'node:sqlite'
import { blob } from './columns.ts'
import type { Database, Row, RowChange } from './database.ts'
import {
  fieldsOf,
  readFields,
  readRow,
  writeRow,
  type ChangeOf,
  type Columns,
  type Field,
  type NewRowOf,
  type RowOf,
  type TableDefinition,
} from './define-table.ts'

type Read<C extends Columns> = RowOf<TableDefinition<C>>
type New<C extends Columns> = NewRowOf<TableDefinition<C>>
type Change<C extends Columns> = ChangeOf<TableDefinition<C>>

/**
 * Rows of a declared table. What says something (conditions, order, conflicts) stays SQL, with the
 * columns' own names; lists of columns and conversions come from the declaration.
 *
 * @example
 * const apps = new Table(db, APPS, now)
 * const app = apps.insert({ name: 'shop', ownerId })
 * apps.all('where owner_id = ? order by name', ownerId)
 */
export class Table<C extends Columns> {
  readonly #db: Database
  readonly #definition: TableDefinition<C>
  readonly #now: () => string
  readonly #fields: readonly Field[]
  readonly #read: readonly Field[]
  /** Columns of `select` and `returning`. */
  readonly #list: string

  constructor(db: Database, definition: TableDefinition<C>, now: () => string) {
    this.#db = db
    this.#definition = definition
    this.#now = now
    this.#fields = fieldsOf(definition.columns)
    this.#read = readFields(this.#fields)
    this.#list = this.#read.map(({ column }) => column).join(', ')
  }

  /** Adds a row; id, creation and change time are filled in unless given. */
  insert(values: New<C>): Read<C> {
    return this.#insert(values, '') ?? this.#notAdded()
  }

  /**
   * Adds a row, or changes the one with the same key.
   *
   * @param conflict e.g. `on conflict (app_id, type) do update set size = excluded.size`
   */
  upsert(values: New<C>, conflict: string): Read<C> {
    return this.#insert(values, conflict) ?? this.#notAdded()
  }

  /** @returns undefined, with nothing written, if a row with the same key is there */
  insertUnlessThere(values: New<C>): Read<C> | undefined {
    return this.#insert(values, 'on conflict do nothing')
  }

  /** @param rest what follows `select … from <table>`, e.g. `where id = ?` */
  find(rest: string, ...values: SQLInputValue[]): Read<C> | undefined {
    return this.#one(`select ${this.#list} from ${this.#definition.name} ${rest}`, values)
  }

  /** A row that must be there; throws otherwise, which is a bug. */
  get(id: string): Read<C> {
    return this.find('where id = ?', id) ?? this.#gone(id)
  }

  /** @param rest as for `find`, with its order */
  all(rest: string, ...values: SQLInputValue[]): Read<C>[] {
    return this.#db
      .all(`select ${this.#list} from ${this.#definition.name} ${rest}`, ...values)
      .map((row) => this.#rowOf(row))
  }

  /** Changes the given fields of a row that must be there, and its change time. */
  update(id: string, change: Change<C>): Read<C> {
    return this.updateIfThere(id, change) ?? this.#gone(id)
  }

  /** @returns undefined if the row is gone */
  updateIfThere(id: string, change: Change<C>): Read<C> | undefined {
    const { columns, values } = writeRow(this.#fields, { ...change, updatedAt: this.#now() })
    const places = columns.map((column) => `${column} = ?`).join(', ')
    const row = this.#one(
      `update ${this.#definition.name} set ${places} where id = ? returning ${this.#list}`,
      [...values, id],
    )
    return this.#tell('update', row)
  }

  /** A write-only column of a row that must be there. */
  sealed(id: string, field: Extract<keyof C, string>): Uint8Array {
    const column = this.#fields.find(({ name }) => name === field)?.column ?? field
    const sql = `select ${column} from ${this.#definition.name} where id = ?`
    const row = this.#db.get(sql, id) ?? this.#gone(id)
    return blob.read(row[column] ?? null)
  }

  remove(id: string): void {
    const row = this.find('where id = ?', id)
    if (row === undefined) return
    this.#db.run(`delete from ${this.#definition.name} where id = ?`, id)
    this.#tell('destroy', row)
  }

  #tell(kind: RowChange['kind'], row: Read<C> | undefined): Read<C> | undefined {
    if (row !== undefined) this.#db.changed({ table: this.#definition.name, kind, row })
    return row
  }

  #insert(given: New<C>, conflict: string): Read<C> | undefined {
    const at = this.#now()
    const row = { id: randomUUID(), createdAt: at, updatedAt: at, ...given }
    const { columns, values } = writeRow(this.#fields, row)
    const added = this.#one(
      `insert into ${this.#definition.name} (${columns.join(', ')})
        values (${columns.map(() => '?').join(', ')}) ${conflict} returning ${this.#list}`,
      values,
    )
    return this.#tell(conflict.includes('update') ? 'update' : 'create', added)
  }

  #one(sql: string, values: readonly SQLInputValue[]): Read<C> | undefined {
    const row = this.#db.get(sql, ...values)
    return row === undefined ? undefined : this.#rowOf(row)
  }

  /** The declaration is where the type comes from, so it is what the fields are. */
  #rowOf(row: Row): Read<C> {
    return readRow(this.#read, row) as Read<C>
  }

  #notAdded(): never {
    throw new Error(`${this.#definition.one} was not added`)
  }

  #gone(id: string): never {
    throw new Error(`${this.#definition.one} ${id} is gone`)
  }
}
