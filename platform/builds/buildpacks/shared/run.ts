import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'

/** Runs a program of the build, its output straight to the push. @returns whether it succeeded */
export function run(
  command: readonly string[],
  options: Readonly<{ cwd: string; env: NodeJS.ProcessEnv }>,
): boolean {
  const [file = '', ...args] = command
  return spawnSync(file, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

/**
 * Runs a program and returns what it prints; undefined when it fails.
 *
 * @param options.quiet keeps its errors to itself: the caller expects it to fail
 */
export function ask(
  command: readonly string[],
  options: Readonly<{ cwd: string; env: NodeJS.ProcessEnv; quiet?: boolean }>,
): string | undefined {
  const [file = '', ...args] = command
  const { status, stdout } = spawnSync(file, args, {
    cwd: options.cwd,
    env: options.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', options.quiet === true ? 'ignore' : 'inherit'],
  })
  return status === 0 ? stdout : undefined
}

/** Replaces a folder by a copy of another, links and times kept. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  if (!existsSync(from)) return
  const { status } = spawnSync('cp', ['-a', from, to], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`copying ${from} to ${to} failed`)
}
