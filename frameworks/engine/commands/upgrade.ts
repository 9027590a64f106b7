import type { Command } from './command.ts'

export const command: Command = {
  usage: '',
  summary: 'Was for data of PredictionIO before 0.9; there is nothing to do any more.',
  options: [],
  arguments: ['[<anything>...]'],
  run: async (_call, { log }) => {
    log.error('Pio$', 'Upgrade is no longer supported')
    return 1
  },
}
