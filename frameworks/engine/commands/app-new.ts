import { createAccessKey } from '../metadata/access-key.ts'
import { pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Creates an app with an event store and an access key.',
  arguments: { name: { type: 'string', description: 'Name of the app.' } },
  options: optionsOf('id', 'description', 'access-key'),
  run: async (call, { storage, log }) => {
    const { name } = call.arguments
    const key = call.options['access-key'] || createAccessKey()
    await storage().events()
    const app = await (
      await storage().metadata()
    ).createApp(
      {
        id: call.options.id,
        name,
        description: call.options.description,
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
})
