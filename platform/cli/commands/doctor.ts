import { defineCommand, green, red, table, yellow } from '@hokku/kit/command-line'
import { examineMachine, type Finding } from '../examine-machine.ts'
import { homeOf } from '../installation.ts'

export const command = defineCommand({
  summary: 'Checks what this machine is missing, and prints the command that installs it.',
  details: 'The exit code is 1 if something required is missing.',
  options: { json: { type: 'boolean', description: 'Prints JSON instead of a table.' } },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const findings = await examineMachine(homeOf(env), env)
    console.log(options.json ? JSON.stringify(findings, null, 2) : describe(findings))
    return findings.some((finding) => finding.state === 'missing') ? 1 : 0
  },
})

const MARKS = { ok: green('✓'), advice: yellow('▸'), missing: red('✗') } as const

const describe = (findings: readonly Finding[]): string =>
  table(
    findings.flatMap((finding) => [
      [`${MARKS[finding.state]} ${finding.name}`, finding.found],
      ...(finding.todo === undefined ? [] : [['', `→ ${finding.todo}`]]),
    ]),
  )
