import { commandHelp } from './help.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '',
  summary: 'Does nothing: engines are not registered. It is here because old scripts call it.',
  options: [],
  arguments: ['[<anything>...]'],
  run: async (_call, { write }) => {
    write(commandHelp('unregister', command))
    return 1
  },
}
