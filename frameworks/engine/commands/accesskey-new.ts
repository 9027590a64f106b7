import { createAccessKey } from '../metadata/access-key.ts'
import { requireApp } from './apps.ts'
import { pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Creates an access key for an app.',
  arguments: {
    app: { type: 'string', description: 'Name of the app.' },
    events: {
      type: 'string',
      placeholder: 'event',
      isOptional: true,
      isRepeated: true,
      defaultText: 'all events',
      description: 'Events that the key may store.',
    },
  },
  options: optionsOf('key'),
  run: async (call, context) => {
    const { app: name, events } = call.arguments
    const app = await requireApp(name, context)
    const key = call.options.key || createAccessKey()
    await (await context.storage().metadata()).createAccessKey({ key, appId: app.id, events })
    context.log.info('AccessKey$', `Created new access key: ${key}`)
    return 0
  },
})
