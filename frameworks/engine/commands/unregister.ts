import { commandHelp } from '@hokku/kit/command-line'
import { type Command, pioCommand } from './command.ts'

export const command: Command = pioCommand({
  summary: 'Prints this help: engines need no registration.',
  arguments: {
    words: {
      type: 'string',
      placeholder: 'anything',
      isOptional: true,
      isRepeated: true,
      description: 'Accepted and ignored.',
    },
  },
  run: async (_call, { write }) => {
    write(commandHelp('pio', 'unregister', command))
    return 1
  },
})
