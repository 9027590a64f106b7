import { DEFAULT_CHANNEL } from '../events/event.ts'
import { requireApp } from './apps.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '<name>',
  summary: "Prints how many events are in the app's default channel: a bare number.",
  options: [],
  arguments: ['<name>'],
  run: async (call, context) => {
    const app = await requireApp(call.arguments[0] ?? '', context)
    const events = await context.storage().events()
    context.write(`${await events.count({ appId: app.id, channelId: DEFAULT_CHANNEL })}\n`)
    return 0
  },
}
