import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hasProgram } from './machine.ts'

/**
 * The four command lines as a user types them: one manner for every mistake, help everywhere, and
 * completion in real shells.
 */
const ROOT = join(import.meta.dirname, '..')
const PROGRAMS = ['platform/cli', 'frameworks/engine', 'frameworks/experiment', 'frameworks/model']
const folder = mkdtempSync(join(tmpdir(), 'hokku-command-lines-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const env = {
  PATH: [...PROGRAMS.map((path) => join(ROOT, path, 'bin')), process.env['PATH']].join(':'),
  HOME: folder,
  HOKKU_HOME: join(folder, 'home'),
  LANG: 'C.UTF-8',
}

const shell = (program: string, line: string) =>
  spawnSync(program, ['-c', line], { env, cwd: folder, encoding: 'utf8', timeout: 60_000 })

/** What is typed, the exit code, the message, and the hint between it and the way to the help. */
const MISTAKES: readonly (readonly [line: string, code: number, message: string, hint?: string])[] =
  [
    // An option that does not exist.
    ['hokku up --prot 80', 2, 'Unknown option --prot', 'Did you mean --port?'],
    ['pio train --bacth x', 1, 'Unknown option --bacth', 'Did you mean --batch?'],
    ['psiturk hit list --actve', 1, 'Unknown option --actve', 'Did you mean --active?'],
    ['model-server serve --prot 80', 2, 'Unknown option --prot', 'Did you mean --port?'],
    ['hokku status -x', 2, 'Unknown option -x'],
    ['pio --nonsense', 1, 'Unknown option --nonsense'],
    ['psiturk --versoin', 1, 'Unknown option --versoin', 'Did you mean --version?'],
    ['model-server --prot 80', 2, 'Unknown option --prot', 'Did you mean --port?'],
    // A command that does not exist; of hokku it would be the heroku CLI's.
    ['pio trian', 1, "Unknown command 'trian'", 'Did you mean train?'],
    ['pio app nwe shop', 1, "Unknown command 'app nwe'", 'Did you mean app new?'],
    [
      'pio app',
      1,
      'pio app needs one of: new, list, show, count, delete, data-delete, channel-new, channel-delete',
    ],
    ['psiturk sevre', 1, "Unknown command 'sevre'", 'Did you mean serve?'],
    ['psiturk hit crate', 1, "Unknown command 'hit crate'", 'Did you mean hit create?'],
    ['psiturk nonsense', 1, "Unknown command 'nonsense'"],
    ['model-server inspekt', 2, "Unknown command 'inspekt'", 'Did you mean inspect?'],
    // An argument or a value that is missing.
    ['hokku connect', 2, 'Missing argument <url>'],
    ['pio app new', 1, 'Missing argument <name>'],
    ['pio import --input x', 1, 'Missing option --appid'],
    ['psiturk hit extend', 1, 'Missing argument <HITid>'],
    ['model-server score .', 2, 'Missing argument <file>'],
    ['hokku up --port', 2, 'Missing value after --port'],
    ['pio deploy --port --feedback', 1, 'Missing value after --port'],
    ['psiturk worker list --hit', 1, 'Missing value after --hit'],
    ['model-server --host --port 1', 2, 'Missing value after --host'],
    // A word or a value too many.
    ['hokku down now', 2, "Unexpected argument 'now'"],
    ['pio app list shop', 1, "Unexpected argument 'shop'"],
    ['psiturk hit list H1', 1, "Unexpected argument 'H1'"],
    ['model-server check . more', 2, "Unexpected argument 'more'"],
    ['hokku status --json=yes', 2, 'Option --json takes no value'],
    // A number that is none, or out of range.
    ['hokku up --port 65536', 2, wholeNumber('--port', 1, 65_535, '65536')],
    ['pio deploy --port abc', 1, wholeNumber('--port', 0, 65_535, 'abc')],
    ['psiturk hit extend H1 --assignments 0', 1, wholeNumber('--assignments', 1, 999_999_999, '0')],
    ['model-server --port abc', 2, wholeNumber('--port', 0, 65_535, 'abc')],
    [
      'model-server check --tolerance -1',
      2,
      "Option --tolerance takes a number of at least 0, not '-1'",
    ],
    // A word that is none of those to choose from.
    [
      'hokku completion bsh',
      2,
      "Argument <shell> takes bash, zsh or fish, not 'bsh'",
      'Did you mean bash?',
    ],
    [
      'pio export --appid 1 --output x --format jsn',
      1,
      "Option --format takes json or parquet, not 'jsn'",
      'Did you mean json?',
    ],
    // A file that is not there.
    [
      'hokku connect https://a.example --ca no.pem',
      2,
      'Option --ca names a file that does not exist: no.pem',
    ],
    ['psiturk -s nowhere', 1, 'Option --script names a file that does not exist: nowhere'],
    ['model-server score . no.csv', 2, 'Argument <file> names a file that does not exist: no.csv'],
  ]

function wholeNumber(option: string, min: number, max: number, given: string): string {
  return `Option ${option} takes a whole number from ${min} to ${max}, not '${given}'`
}

for (const [line, code, message, hint] of MISTAKES) {
  test(`${line}: ${message}`, () => {
    const { status, stdout, stderr } = shell('sh', line)

    const [first, ...rest] = stderr.trimEnd().split('\n')
    assert.equal(first, `Error: ${message}`)
    assert.equal(hint === undefined ? undefined : rest.shift(), hint)
    // PredictionIO prints the whole help of a command that was called in a wrong way.
    assert.match(rest[0] ?? '', /^Try '[a-z -]+'\.$|^Usage: pio /)
    assert.deepEqual({ status, stdout }, { status: code, stdout: '' })
  })
}

test('words that are not hokku’s own go to the heroku CLI, which needs a running platform', () => {
  for (const line of ['hokku ps:scael web=2', 'hokku -- status', 'hokku --version']) {
    const { status, stderr } = shell('sh', line)

    assert.equal(status, 1, line)
    assert.match(stderr, /^Error: hokku is not running .*\nStart it: hokku up --detach\n$/, line)
  }
})

for (const [line, message, hint] of [
  ['hokku status', /^Error: hokku is not running \(home: .*\)\.$/, 'Start it: hokku up --detach'],
  ['hokku token', /^Error: There is no platform in .* yet\.$/, 'Start one: hokku up --detach'],
  [
    'model-server inspect ./nowhere',
    /^Error: There is no model file in \.\/nowhere\.$/,
    'Put one there, for example model.pkl or model.joblib, or name it in model.json.',
  ],
] as const) {
  test(`${line} fails with one line, and the next says what to do`, () => {
    const { status, stdout, stderr } = shell('sh', line)

    const [first = '', ...rest] = stderr.trimEnd().split('\n')
    assert.match(first, message)
    assert.deepEqual(rest, [hint])
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
  })
}

test('a file that is not there is a log line of pio, as PredictionIO has it', () => {
  const { status, stdout } = shell('sh', 'pio run no.ts')

  assert.equal(status, 1)
  assert.match(stdout, /^\[ERROR\] \[Pio\$\] There is no file .*no\.ts\./)
})

for (const line of [
  'hokku',
  'hokku help',
  'hokku up --help',
  'hokku help connect',
  'pio --help',
  'pio app --help',
  'pio app new -h',
  'pio help eval',
  'psiturk -h',
  'psiturk hit',
  'psiturk hit create --help',
  'psiturk help worker bonus',
  'psiturk-heroku-config --help',
  'model-server --help',
  'model-server help score',
]) {
  test(`${line} explains itself on standard output`, () => {
    const { status, stdout, stderr } = shell('sh', line)

    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    assert.match(stdout, /^Usage: |^Usage:\n/m)
    assert.match(stdout, /^ {2}-h, --help +Shows this help\.$|explains a command and its options/m)
  })
}

test('a reader that has seen enough ends a program without a stack trace', () => {
  for (const program of ['hokku', 'pio', 'psiturk', 'model-server']) {
    // The pipe is closed before anything is written.
    const { stderr } = shell('bash', `${program} help > >(exec true); wait`)

    assert.equal(stderr, '', program)
  }
})

const COMPLETED = [
  ['hokku', 'up --do', '--domain'],
  ['pio', 'app ch', 'channel-new channel-delete'],
  ['psiturk', 'mode ', 'sandbox live'],
  ['model-server', 'ins', 'inspect'],
] as const

test('bash completes the four command lines', () => {
  for (const [program, line, candidates] of COMPLETED) {
    const words = `${program} ${line}`.split(' ')
    const { stdout, stderr } = shell(
      'bash',
      `eval "$(${program} completion bash)"
       COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
       $(complete -p ${program} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
       echo "\${COMPREPLY[@]}"`,
    )

    assert.equal(stdout.trim(), candidates, stderr)
  }
})

test('fish completes the four command lines', { skip: !hasProgram('fish') }, () => {
  for (const [program, line, candidates] of COMPLETED) {
    const { stdout, stderr } = shell(
      'fish',
      `${program} completion fish | source; complete --do-complete '${program} ${line}'`,
    )

    const words = stdout
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0] ?? '')
    assert.deepEqual(words.toSorted(), candidates.split(' ').toSorted(), stderr)
  }
})

test('zsh completes the four command lines', { skip: !hasProgram('zsh') }, () => {
  for (const [program, line, candidates] of COMPLETED) {
    const words = `${program} ${line}`.split(' ').map((word) => `'${word}'`)
    const { stdout, stderr } = shell(
      'zsh',
      // What compinit would bring, reduced to printing what is offered.
      `compdef() { completer=$1 }
       _describe() { print -l -- \${(P)2} }
       _files() { print files }
       eval "$(${program} completion zsh)"
       words=(${words.join(' ')}) CURRENT=${words.length}
       $completer`,
    )

    const offered = stdout
      .trim()
      .split('\n')
      .map((one) => one.split(':')[0])
    assert.deepEqual(offered, candidates.split(' '), stderr)
  }
})
