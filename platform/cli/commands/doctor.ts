import { parseArgs } from 'node:util'
import { green, red, table, yellow } from '@hokku/kit/command-line'
import { examineMachine, type Finding } from '../examine-machine.ts'
import { homeOf } from '../installation.ts'
import type { Command } from '../main.ts'

/** `hokku doctor [--json]`: what this machine lacks and what to do. Exit status 1 for what must be. */
export const run: Command = async (args, env) => {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } })
  const findings = await examineMachine(homeOf(env), env)
  if (values.json === true) console.log(JSON.stringify(findings, null, 2))
  else console.log(describe(findings))
  return findings.some((finding) => finding.state === 'missing') ? 1 : 0
}

const MARKS = { ok: green('✓'), advice: yellow('▸'), missing: red('✗') } as const

const describe = (findings: readonly Finding[]): string =>
  table(
    findings.flatMap((finding) => [
      [`${MARKS[finding.state]} ${finding.name}`, finding.found],
      ...(finding.todo === undefined ? [] : [['', `→ ${finding.todo}`]]),
    ]),
  )
