import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columnDtype, OBJECT } from '../frames/column-dtype.ts'
import { createCsvReader, observationOfCells } from './csv.ts'

const read = (...pieces: string[]): string[][] => {
  const reader = createCsvReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()]
}

test('quoted cells keep commas, quotes and line ends; either line end ends a row', () => {
  assert.deepEqual(read('a,"b,""c""\nd"\r\n1,2\n3'), [['a', 'b,"c"\nd'], ['1', '2'], ['3']])
  assert.deepEqual(read('a,b\n\n,\n'), [
    ['a', 'b'],
    ['', ''],
  ])
})

test('any table is read back as it was written, in pieces of any size', () => {
  const cell = fc.string({
    maxLength: 6,
    unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', ' '),
  })
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 5 }), (table, size) => {
      const text = table
        .map((row) => `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`)
        .join('')
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      )

      assert.deepEqual(read(...pieces), table)
    }),
  )
})

test('cells become what their column holds; empty ones are left out', () => {
  const facts = [
    { name: 'Age', dtype: columnDtype('float64', 'float'), values: undefined, isClosed: false },
    { name: 'Alone', dtype: columnDtype('bool', 'bool'), values: undefined, isClosed: false },
    { name: 'Sex', dtype: OBJECT, values: ['f', 'm'], isClosed: false },
    { name: 'Class', dtype: OBJECT, values: [1, 2], isClosed: false },
  ]

  const row = observationOfCells(
    ['id', 'Age', 'Alone', 'Sex', 'Class', 'Note'],
    ['7', '', 'False', '1', '2', 'x'],
    facts,
  )

  assert.deepEqual(row, { id: 7, observation: { Alone: false, Sex: '1', Class: 2, Note: 'x' } })
})

test('a file that ends inside a quoted cell is refused', () => {
  assert.throws(() => read('a,"b'), /ends inside a quoted cell/)
})
