import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from './compile.ts'
import { step } from './print.ts'
import { run } from './run.ts'

/** Runs a program of the app's own before or after its build; its first line says how. */
export function runHook(
  name: string,
  { tree, env }: Readonly<{ tree: string; env: NodeJS.ProcessEnv }>,
): void {
  if (!existsSync(join(tree, name))) return
  step(`Running ${name} hook`)
  const command = ['bash', '-c', 'chmod +x "$1" && "$1"', 'bash', join(tree, name)]
  if (!run(command, { cwd: tree, env })) throw new Rejected(`${name} failed.`)
}
