import type { Command } from './command.ts'
import { OPTIONS } from './options.ts'

export function mainHelp(names: readonly string[]): string {
  return `Usage: pio <command> [options] [<args>...]

Commands:
${names.map((name) => `    ${name}`).join('\n')}

'pio help <command>' tells more about one of them.
`
}

export function commandHelp(name: string, command: Command): string {
  const options = command.options.map((option) =>
    OPTIONS[option] === 'text' ? `    --${option} <value>` : `    --${option}`,
  )
  const list = options.length === 0 ? '' : `\nOptions:\n${options.join('\n')}\n`
  return `Usage: pio ${[name, command.usage].filter(Boolean).join(' ')}\n\n${command.summary}\n${list}\n`
}
