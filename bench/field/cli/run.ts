import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs the official CLI, command by command, against the platform of this shell, and judges each by
 * what it does: a refusal is no success, and a bare 404 or a stack trace is a fault.
 *
 * ```
 * eval "$(hokku env)"                        # with the apps hello (deployed, with a worker) and second2
 * node bench/field/cli/run.ts [commands.txt]
 * ```
 */
const list = process.argv[2] ?? join(import.meta.dirname, 'commands.txt')
const work = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
const env = { ...process.env, WORK: work, BROWSER: 'true', PAGER: 'cat' }

/** A command that takes longer waits for something that does not come. */
const COMMAND_MS_MAX = 120_000

type Verdict = 'works' | 'refused' | '404' | 'broken'
const rows: { command: string; verdict: Verdict; said: string }[] = []

for (const line of readFileSync(list, 'utf8').split('\n')) {
  if (line === '' || line.startsWith('# ')) continue
  const [text = '', wanted] = line.split(' # ')
  const isShell = text.startsWith('!')
  const script = isShell ? text.slice(1) : `heroku ${text}`
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', script], {
    env,
    encoding: 'utf8',
    input: '',
    timeout: COMMAND_MS_MAX,
  })
  if (isShell) {
    if (status !== 0) console.log(`!      ${text} ended with ${status}: ${stderr.slice(0, 200)}`)
    continue
  }
  const output = `${stdout}${stderr}`
  const verdict = judge(output, error === undefined ? status : null, wanted)
  const said = output.replaceAll(/\s+/g, ' ').trim()
  rows.push({ command: text, verdict, said })
  const shown = verdict === 'works' ? '' : `  ${said.slice(0, 300)}`
  console.log(`${verdict.padEnd(8)} ${text}${shown}`)
}
rmSync(work, { recursive: true, force: true })

const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length
console.log(
  `${rows.length} commands: ${count('works')} work, ${count('refused')} are refused, ` +
    `${count('404')} end in a bare 404, ${count('broken')} are broken`,
)

function judge(output: string, status: number | null, wanted: string | undefined): Verdict {
  if (/There is nothing at/.test(output)) return '404'
  if (status === null || /TypeError|ReferenceError|^\s+at .+:\d+:\d+/m.test(output)) return 'broken'
  if (wanted !== undefined && output.includes(wanted) && status === 0) return 'works'
  if (status !== 0) return 'refused'
  return wanted === undefined ? 'works' : 'broken'
}
