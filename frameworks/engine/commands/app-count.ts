import { DEFAULT_CHANNEL } from '../events/event.ts'
import { requireApp } from './apps.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: "Prints the number of events in an app's default channel.",
  arguments: { name: { type: 'string', description: 'Name of the app.' } },
  run: async (call, context) => {
    const app = await requireApp(call.arguments.name, context)
    const events = await context.storage().events()
    context.write(`${await events.count({ appId: app.id, channelId: DEFAULT_CHANNEL })}\n`)
    return 0
  },
})
