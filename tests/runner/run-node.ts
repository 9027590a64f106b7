import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { childExit } from '@hokku/kit/child-exit'
import type { Outcome } from './outcome.ts'
import { ROOT } from './test-files.ts'

/**
 * Runs `node --test` on files, with what it prints going to the terminal.
 *
 * @param options node's options, the caller's last: a later one wins
 * @returns what came of it; a run that failed without naming a file counts all files as failed
 * @throws Misuse if node does not know an option
 */
export async function runNode(
  files: readonly string[],
  options: readonly string[],
): Promise<Outcome> {
  if (files.length === 0) return { tests: 0, failedFiles: [] }
  const folder = mkdtempSync(join(tmpdir(), 'hokku-tests-'))
  const report = join(folder, 'outcome.json')
  const status = await spawnNode([...options, ...reporters(options, report), ...files])
  if (status === NODE_MISUSE) throw new Misuse(`Not options of node --test: ${options.join(' ')}`)
  const text = readReport(report)
  rmSync(folder, { recursive: true })
  const outcome = (text === '' ? { tests: 0, failedFiles: [] } : JSON.parse(text)) as Outcome
  if (status === 0 || outcome.failedFiles.length > 0) return outcome
  return { ...outcome, failedFiles: files.map((file) => resolve(ROOT, file)) }
}

/** The caller asked for something that does not exist; `npm test` exits 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}

/** Node's exit status for an invalid argument. */
const NODE_MISUSE = 9

/** Runs the files again whenever they or what they import changes, until Ctrl-C. */
export async function watchNode(
  files: readonly string[],
  options: readonly string[],
): Promise<void> {
  await spawnNode(['--watch', ...options, ...files])
}

/** @returns the exit status; 1 if a signal ended it */
async function spawnNode(args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the tests as well; we stay to stop the shared database.
  const stay = (): void => {}
  process.on('SIGINT', stay)
  const child = spawn(process.execPath, ['--test', ...args], { cwd: ROOT, stdio: 'inherit' })
  const { code } = await childExit(child)
  process.off('SIGINT', stay)
  return code ?? 1
}

/** Ours beside the one that prints: node's own, or those that were asked for. */
function reporters(options: readonly string[], report: string): string[] {
  const isChosen = options.some((option) => option.startsWith('--test-reporter='))
  const isDirected = options.some((option) => option.startsWith('--test-reporter-destination='))
  return [
    ...(isChosen ? [] : ['--test-reporter=spec']),
    ...(isDirected ? [] : ['--test-reporter-destination=stdout']),
    `--test-reporter=${join(import.meta.dirname, 'outcome.ts')}`,
    `--test-reporter-destination=${report}`,
  ]
}

/** Empty if node did not come far enough to report: a wrong option, a crash. */
function readReport(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
