import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Deletes an access key.',
  arguments: { key: { type: 'string', description: 'The access key.' } },
  run: async (call, { storage, log }) => {
    const { key } = call.arguments
    await (await storage().metadata()).deleteAccessKey(key)
    log.info('AccessKey$', `Deleted access key ${key}.`)
    return 0
  },
})
