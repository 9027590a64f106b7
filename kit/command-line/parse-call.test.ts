import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineCommand } from './command.ts'
import type { Call, Declaration, Option } from './declaration.ts'
import { parseCall } from './parse-call.ts'

const OPTIONS = {
  port: { type: 'integer', min: 1, max: 65_535, default: 8080, short: 'p', description: '' },
  'engine-dir': { type: 'string', short: 'ed', description: '' },
  json: { type: 'boolean', description: '' },
  format: { type: 'choice', choices: ['json', 'csv'], description: '' },
  share: { type: 'number', min: 0, max: 1, description: '' },
  key: { type: 'string', isRepeated: true, description: '' },
  hit: { type: 'string', takesMany: true, description: '' },
} as const satisfies Record<string, Option>

const declaration: Declaration = {
  summary: '',
  options: OPTIONS,
  arguments: {
    app: { type: 'string', description: '' },
    events: { type: 'string', isOptional: true, isRepeated: true, description: '' },
  },
}
const parse = (line: string) => parseCall(declaration, line.split(' ').filter(Boolean))

test('values have the declared types, and defaults where nothing is given', () => {
  assert.deepEqual(parse('shop').options, {
    port: 8080,
    'engine-dir': undefined,
    json: false,
    format: undefined,
    share: undefined,
    key: [],
    hit: [],
  })
  assert.equal(parse('shop --port 80').options['port'], 80)
  assert.equal(parse('shop -p80 --share=.5').options['share'], 0.5)
  assert.equal(parse('-ed engines/a shop').options['engine-dir'], 'engines/a')
})

test('of an option given twice the last value counts, unless it is a list', () => {
  const { options } = parse('shop --port 1 --port 2 --key a --key=b')

  assert.equal(options['port'], 2)
  assert.deepEqual(options['key'], ['a', 'b'])
})

test('an option that takes many values takes all up to the next option', () => {
  const call = parse('shop view --hit H1 H2 --json buy')

  assert.deepEqual(call.options['hit'], ['H1', 'H2'])
  assert.deepEqual(call.arguments, { app: 'shop', events: ['view', 'buy'] })
})

test('what follows -- are arguments, or the words of another program where that is declared', () => {
  assert.deepEqual(parse('-- --json x').arguments, { app: '--json', events: ['x'] })

  const passing = { ...declaration, afterDashes: 'Options for Spark.' }
  const call = parseCall(passing, ['shop', '--', '--json', '-ed', '--', 'x'])

  assert.equal(call.options['json'], false)
  assert.deepEqual(call.afterDashes, ['--json', '-ed', '--', 'x'])
})

for (const [line, message, hint] of [
  ['shop --prot 1', 'Unknown option --prot', 'Did you mean --port?'],
  ['shop --constructor', 'Unknown option --constructor', undefined],
  ['shop -xyz', 'Unknown option -xyz', undefined],
  ['shop --port', 'Missing value after --port', undefined],
  ['shop --engine-dir --json', 'Missing value after --engine-dir', undefined],
  ['shop --port -5', "Option --port takes a whole number from 1 to 65535, not '-5'", undefined],
  ['shop --port 1e3', "Option --port takes a whole number from 1 to 65535, not '1e3'", undefined],
  ['shop --share 1.5', "Option --share takes a number from 0 to 1, not '1.5'", undefined],
  ['shop --format jsn', "Option --format takes json or csv, not 'jsn'", 'Did you mean json?'],
  ['shop --json=yes', 'Option --json takes no value', undefined],
  ['', 'Missing argument <app>', undefined],
] as const) {
  test(`"${line}" is refused: ${message}`, () => {
    assert.throws(() => parse(line), { code: 'misuse', message, hint })
  })
}

test('an argument too many and a file that does not exist are refused by name', () => {
  const files: Declaration = {
    summary: '',
    options: { ca: { type: 'file', description: '' } },
    arguments: {},
  }

  assert.throws(() => parseCall(files, ['x']), { message: "Unexpected argument 'x'" })
  assert.throws(() => parseCall(files, ['--ca', '/no/such']), {
    message: 'Option --ca names a file that does not exist: /no/such',
  })
  assert.throws(() => parseCall(files, ['--ca', '/']), /names a file/)
  assert.equal(parseCall(files, ['--ca', import.meta.filename]).options['ca'], import.meta.filename)
})

test('a command gets typed values', async () => {
  let seen: Call<typeof OPTIONS, { app: { type: 'string' } }>['options'] | undefined
  const command = defineCommand({
    summary: '',
    options: OPTIONS,
    run: async ({ options }) => {
      // The compiler checks these types: a number, a choice, a list, a text or nothing.
      const port: number = options.port
      const format: 'json' | 'csv' | undefined = options.format
      const keys: readonly string[] = options.key
      seen = options
      return port + keys.length + (format === 'csv' ? 1 : 0)
    },
  })

  assert.equal(
    await command.execute(['--port', '7', '--key', 'a', '--format', 'csv'], undefined),
    9,
  )
  assert.equal(seen?.['engine-dir'], undefined)
})
