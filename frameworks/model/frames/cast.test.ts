import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseJson } from './parse-json.ts'
import { castValue, CastError } from './cast.ts'
import { NA, type Cell } from './cell.ts'
import { columnDtype, type ColumnDtype } from './column-dtype.ts'

type Result = { raises?: string; is?: string; value?: Cell }
type Casts = { categories: Record<string, Cell[]>; rows: [string, string | null, Result][] }

const path = join(import.meta.dirname, '../fixtures/casts.json')
const casts = parseJson(readFileSync(path, 'utf8')) as Casts

/** Numbers are kept as doubles regardless of their width; flags as 0 and 1; NA of numbers as NaN. */
function expected(dtype: ColumnDtype, { is, value }: Result): Cell {
  const isNumber = dtype.kind !== 'object' && dtype.kind !== 'category' && dtype.kind !== 'string'
  if (is === 'None') return null
  if (is === 'NA') return isNumber ? Number.NaN : NA
  if (is !== undefined) return Number(is.replace('inf', 'Infinity'))
  return isNumber ? Number(value) : value!
}

function dtypeOf(name: string): ColumnDtype {
  const categories = casts.categories[name]
  if (categories !== undefined) return columnDtype('category', 'category', { categories })
  if (name === 'boolean') return columnDtype(name, 'bool', { isNullable: true })
  const match = /^(int|uint|float)(\d+)$/i.exec(name)
  if (match === null) return columnDtype(name, name as 'bool' | 'object' | 'string')
  const kind = match[1]!.toLowerCase() as 'int' | 'uint' | 'float'
  return columnDtype(name, kind, { bits: Number(match[2]), isNullable: /^[A-Z]/.test(name) })
}

for (const name of new Set(casts.rows.map(([dtype]) => dtype))) {
  test(`a value for a column of type ${name} becomes what pandas makes of it`, () => {
    const dtype = dtypeOf(name)
    for (const [, text, result] of casts.rows.filter((row) => row[0] === name)) {
      // Once JSON is parsed, 3.0 and 3 are one: the only cell of the table that differs.
      if (name === 'string' && text === '3.0') continue
      const sent = text === null ? undefined : (parseJson(text) as Cell)
      const shown = text ?? 'an absent key'

      if (result.raises !== undefined) {
        assert.throws(() => castValue(dtype, sent), CastError, `${shown}: ${result.raises}`)
      } else {
        assert.deepEqual(castValue(dtype, sent), expected(dtype, result), shown)
      }
    }
  })
}
