import type { SQLInputValue } from 'node:sqlite'
import type { Row } from './database.ts'

/** A value as SQLite gives it. */
export type Value = Row[string]

/**
 * When a value is given: always; or it may be left out of an insert, where the table has a default;
 * or it is written and never read with the row, as a sealed secret is.
 */
export type ColumnUse = 'required' | 'optional' | 'writeOnly'

/** How one field lies in a column. */
export type Column<T = unknown, Use extends ColumnUse = ColumnUse> = Readonly<{
  read(value: Value): T
  write(value: T): SQLInputValue
  use: Use
  /** Name of the column if it is not the field's in snake case. */
  sqlName?: string
}>

export const text: Column<string, 'required'> = {
  read: (value) => (typeof value === 'string' ? value : wrong(value, 'text')),
  write: (value) => value,
  use: 'required',
}

export const integer: Column<number, 'required'> = {
  read: (value) => (typeof value === 'number' ? value : wrong(value, 'a number')),
  write: (value) => value,
  use: 'required',
}

/** A boolean, kept as 0 or 1. */
export const flag: Column<boolean, 'required'> = {
  read: (value) => integer.read(value) === 1,
  write: Number,
  use: 'required',
}

export const blob: Column<Uint8Array, 'required'> = {
  read: (value) => (value instanceof Uint8Array ? value : wrong(value, 'bytes')),
  write: (value) => value,
  use: 'required',
}

/** One of a few words. */
export const oneOf = <T extends string>(...words: readonly T[]): Column<T, 'required'> => ({
  read: (value) => words.find((word) => word === value) ?? wrong(value, words.join(' or ')),
  write: (value) => value,
  use: 'required',
})

/** Anything that JSON can hold, as text. Only this table writes it, so its shape is trusted. */
export const json = <T>(): Column<T, 'required'> => ({
  read: (value) => JSON.parse(text.read(value)) as T,
  write: (value) => JSON.stringify(value),
  use: 'required',
})

/** A column that may hold null, and does where an insert leaves it out. */
export const nullable = <T>({ read, write, ...rest }: Column<T>): Column<T | null, 'optional'> => ({
  ...rest,
  read: (value) => (value === null ? null : read(value)),
  write: (value) => (value === null ? null : write(value)),
  use: 'optional',
})

/** A column for which the table has a default. */
export const withDefault = <T>(column: Column<T>): Column<T, 'optional'> => ({
  ...column,
  use: 'optional',
})

/** A column that is written with its row and read on its own. */
export const writeOnly = <T>(column: Column<T>): Column<T, 'writeOnly'> => ({
  ...column,
  use: 'writeOnly',
})

/** A column under another name than the field's. */
export const named = <T, Use extends ColumnUse>(
  sqlName: string,
  column: Column<T, Use>,
): Column<T, Use> => ({ ...column, sqlName })

function wrong(value: Value, expected: string): never {
  throw new TypeError(`expected ${expected} in the database, found ${String(value)}`)
}
