import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'No longer exists in PredictionIO: use git to get a template.',
  arguments: {
    words: {
      type: 'string',
      placeholder: 'anything',
      isOptional: true,
      isRepeated: true,
      description: 'Accepted and ignored.',
    },
  },
  run: async (_call, { log }) => {
    log.error('Template$', 'template commands are no longer supported.')
    log.error('Template$', 'Please use git to get and manage your templates.')
    return 1
  },
})
