import type { Command } from './command.ts'

export const command: Command = {
  usage: '<key>',
  summary: 'Deletes an access key.',
  options: [],
  arguments: ['<key>'],
  run: async (call, { storage, log }) => {
    const [key = ''] = call.arguments
    await (await storage().metadata()).deleteAccessKey(key)
    log.info('AccessKey$', `Deleted access key ${key}.`)
    return 0
  },
}
