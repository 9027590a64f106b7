import { createAccessKey } from '../metadata/access-key.ts'
import { type Command, textOption } from './command.ts'
import { integerOption } from './parse-call.ts'

export const command: Command = {
  usage: '<name> [--id <n>] [--description <text>] [--access-key <key>]',
  summary: 'Creates an app, its event store and its first access key.',
  options: ['id', 'description', 'access-key'],
  arguments: ['<name>'],
  run: async (call, { storage, log }) => {
    const [name = ''] = call.arguments
    const key = textOption(call, 'access-key') || createAccessKey()
    await storage().events()
    const app = await (
      await storage().metadata()
    ).createApp(
      {
        id: integerOption(call, 'id', { min: 1, max: 2_147_483_647 }),
        name,
        description: textOption(call, 'description'),
      },
      key,
    )
    log.info('App$', `Initialized Event Store for this app ID: ${app.id}.`)
    log.info('App$', 'Created a new app:')
    log.info('App$', `      Name: ${app.name}`)
    log.info('App$', `        ID: ${app.id}`)
    log.info('App$', `Access Key: ${key}`)
    return 0
  },
}
