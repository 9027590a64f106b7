import type { Command } from './command.ts'

export const command: Command = {
  usage: '',
  summary: 'Is no longer there, as in PredictionIO: templates are git repositories.',
  options: [],
  arguments: ['[<anything>...]'],
  run: async (_call, { log }) => {
    log.error('Template$', 'template commands are no longer supported.')
    log.error('Template$', 'Please use git to get and manage your templates.')
    return 1
  },
}
