import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { childClose } from '@hokku/kit/child-exit'
import type { Step } from './steps.ts'

export type StepResult = Readonly<{ step: Step; seconds: number; status: number; output: string }>

/**
 * Runs steps, two side by side: most machines have two cores, and the type checker's memory is not
 * for four. `report` is called as each one ends.
 */
export async function runSteps(
  steps: readonly Step[],
  root: string,
  report: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  const waiting = [...steps]
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step, root)
      results.push(result)
      report(result)
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
  return results
}

const SIDE_BY_SIDE = 2

async function runStep(step: Step, root: string): Promise<StepResult> {
  const start = performance.now()
  const [program = '', ...args] = step.command
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    childClose(child),
  ])
  const seconds = (performance.now() - start) / 1000
  return { step, seconds, status: exit.code ?? 1, output: `${stdout}${stderr}` }
}
