import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { Problem } from '../problem.ts'
import { complete } from './complete.ts'
import { completionCommand } from './completion-command.ts'
import { defineCommand } from './command.ts'
import type { Command, OptionTable } from './declaration.ts'
import type { Program } from './program.ts'
import { runProgram } from './run-program.ts'

const OPTIONS = {
  port: { type: 'integer', min: 0, max: 65_535, default: 8000, description: 'Port to listen on.' },
  format: { type: 'choice', choices: ['json', 'csv'], description: 'How to write.' },
} as const satisfies OptionTable

const serve = defineCommand({
  summary: 'Serves the model.',
  options: OPTIONS,
  arguments: { folder: { type: 'string', isOptional: true, description: 'Where the model is.' } },
  run: async ({ options, arguments: { folder } }, ran: string[]) => {
    ran.push(`serve ${folder} ${options.port}`)
    if (folder === 'broken') {
      throw new Problem('x', { id: 'x', status: 500 }, 'It broke.', { hint: 'Repair it.' })
    }
    if (folder === 'bug') throw new TypeError('a bug')
    if (folder === 'closed') mkdirSync('/dev/null/closed')
    return 0
  },
})
const make = (what: string): Command<string[]> =>
  defineCommand({
    summary: `Makes ${what}.`,
    arguments: { name: { type: 'string', description: 'Its name.' } },
    run: async (call, ran: string[]) => {
      ran.push(`make ${what} ${call.arguments.name}`)
      return 0
    },
  })

const program: Program<string[]> = {
  name: 'tool',
  summary: 'A tool.',
  groups: {
    Commands: {
      serve: async () => ({ command: serve }),
      'app new': async () => ({ command: make('an app') }),
      'app delete': async () => ({ command: make('none') }),
      completion: async () => ({ command: completionCommand('tool') }),
    },
  },
  misuseCode: 2,
}

async function call(line: string, more: Partial<Program<string[]>> = {}) {
  const ran: string[] = []
  let [stdout, stderr] = ['', '']
  const code = await runProgram({ ...program, ...more }, line.split(' ').filter(Boolean), ran, {
    write: (text) => (stdout += text),
    writeError: (text) => (stderr += text),
  })
  return { code, stdout, stderr, ran }
}

test('a command is found by one word or by two, and gets the words that follow', async () => {
  assert.deepEqual((await call('serve here --port 1')).ran, ['serve here 1'])
  assert.deepEqual((await call('app new shop')).ran, ['make an app shop'])
})

test('without a command the bare one runs, if there is one', async () => {
  const bare = { bare: async () => ({ command: serve }) }

  assert.deepEqual((await call('--port 3', bare)).ran, ['serve undefined 3'])
  assert.deepEqual((await call('', bare)).ran, ['serve undefined 8000'])
  assert.match((await call('')).stdout, /^A tool\.\n/)
})

test('options may stand before the name where a program allows that', async () => {
  const anywhere = { optionsAnywhere: OPTIONS }

  assert.deepEqual((await call('--port 3 serve x', anywhere)).ran, ['serve x 3'])
  assert.equal((await call('app --help new', anywhere)).ran.length, 0)
})

test('words that are not commands go where the program sends them', async () => {
  const takeUnknown = async (words: readonly string[], ran: string[]) => ran.push(words.join(' '))

  assert.deepEqual((await call('ps:scale --help', { takeUnknown })).ran, ['ps:scale --help'])
  assert.deepEqual((await call('help ps:scale', { takeUnknown })).ran, ['help ps:scale'])
  assert.deepEqual((await call('-- serve', { takeUnknown })).ran, ['-- serve'])
})

for (const line of ['help', '--help', '-h', 'help serve', 'serve --help', 'serve x -h', 'app help'])
  test(`"${line}" shows help and runs nothing`, async () => {
    const { code, stdout, stderr, ran } = await call(line)

    assert.deepEqual({ code, stderr, ran }, { code: 0, stderr: '', ran: [] })
    assert.match(stdout, /serve|app/)
  })

test('the help of a command explains each option with its limits and default', async () => {
  assert.equal(
    (await call('serve --help')).stdout,
    `Usage: tool serve [<folder>] [options]

Serves the model.

Arguments:
  <folder>  Where the model is.

Options:
  --port <port>      Port to listen on. A whole number from 0 to 65535. Default:
                     8000.
  --format <format>  How to write. One of json or csv.
  -h, --help         Shows this help.
`,
  )
})

test('the help of a family shows how its commands are called', async () => {
  assert.equal(
    (await call('help app')).stdout,
    `Usage: tool app <command>

Commands:
  app new <name>
      Makes an app.
  app delete <name>
      Makes none.

'tool app <command> --help' explains a command and its options.
`,
  )
})

for (const [line, stderr] of [
  ['srve', "Error: Unknown command 'srve'\nDid you mean serve?\nTry 'tool help'.\n"],
  ['app nwe', "Error: Unknown command 'app nwe'\nDid you mean app new?\nTry 'tool app --help'.\n"],
  ['app', "Error: tool app needs one of: new, delete\nTry 'tool app --help'.\n"],
  ['constructor', "Error: Unknown command 'constructor'\nTry 'tool help'.\n"],
  ['--prot', "Error: Unknown option --prot\nTry 'tool help'.\n"],
  [
    'serve --prot 1',
    "Error: Unknown option --prot\nDid you mean --port?\nTry 'tool serve --help'.\n",
  ],
  ['app new', "Error: Missing argument <name>\nTry 'tool app new --help'.\n"],
] as const) {
  test(`"${line}" exits with the code for misuse and says what to try`, async () => {
    assert.deepEqual(await call(line), { code: 2, stdout: '', stderr, ran: [] })
  })
}

test('a failure is one line and its hint, a bug is shown whole', async () => {
  const failed = await call('serve broken')
  const bug = await call('serve bug')

  assert.deepEqual([failed.code, failed.stderr], [1, 'Error: It broke.\nRepair it.\n'])
  assert.equal(bug.code, 1)
  assert.match(bug.stderr, /^TypeError: a bug\n +at /)
})

test('what the machine refuses is one line, without a stack', async () => {
  const { code, stderr } = await call('serve closed')

  assert.equal(code, 1)
  assert.match(stderr, /^Error: E[A-Z]+: .*, mkdir '\/dev\/null\/closed'\n$/)
})

test('a program may report failures in its own manner', async () => {
  const report = ({ name }: { name: string }) => (name === 'serve' ? 7 : undefined)

  assert.equal((await call('serve broken', { report })).code, 7)
  assert.equal((await call('nope', { report })).code, 2)
})

test('completion offers commands, options, values, and nothing where a file may stand', async () => {
  const words = async (...line: string[]) => (await complete(program, line)).map(({ word }) => word)

  assert.deepEqual(await words('a'), ['app'])
  assert.deepEqual(await words('app', ''), ['new', 'delete'])
  assert.deepEqual(await words('help', 'app', 'n'), ['new'])
  assert.deepEqual(await words('serve', '--'), ['--port', '--format', '--help'])
  assert.deepEqual(await words('serve', '--format', 'c'), ['csv'])
  assert.deepEqual(await words('completion', ''), ['bash', 'zsh', 'fish'])
  assert.deepEqual(await words('completion', 'bash', ''), [])
  assert.deepEqual(await words('serve', ''), [])
  assert.deepEqual(await words('constructor', ''), [])
})

test('the shell gets candidates with their meanings', async () => {
  assert.match((await call('__complete serve --p')).stdout, /^--port\tPort to listen on\.\n$/)
})
