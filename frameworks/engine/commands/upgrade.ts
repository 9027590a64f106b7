import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'No longer exists in PredictionIO: there is nothing to upgrade.',
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
    log.error('Pio$', 'Upgrade is no longer supported')
    return 1
  },
})
