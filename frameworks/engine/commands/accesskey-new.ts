import { createAccessKey } from '../metadata/access-key.ts'
import { requireApp } from './apps.ts'
import { type Command, textOption } from './command.ts'

export const command: Command = {
  usage: '<app> [<event>...] [--key <key>]',
  summary: 'Creates an access key, for all events or for those that are named.',
  options: ['key'],
  arguments: ['<app>', '[<event>...]'],
  run: async (call, context) => {
    const [name = '', ...events] = call.arguments
    const app = await requireApp(name, context)
    const key = textOption(call, 'key') || createAccessKey()
    await (await context.storage().metadata()).createAccessKey({ key, appId: app.id, events })
    context.log.info('AccessKey$', `Created new access key: ${key}`)
    return 0
  },
}
