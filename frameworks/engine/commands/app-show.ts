import { allowedEvents, describeApp, describeChannels, requireApp } from './apps.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Shows an app with its access keys and channels.',
  arguments: { name: { type: 'string', description: 'Name of the app.' } },
  run: async (call, context) => {
    const app = await requireApp(call.arguments.name, context)
    const metadata = await context.storage().metadata()
    const keys = await metadata.listAccessKeys(app.id)
    const channels = await metadata.listChannels(app.id)
    const print = (line: string): void => context.log.info('Pio$', line)
    describeApp(app).forEach(print)
    keys.forEach((key, at) =>
      print(`${(at === 0 ? 'Access Key: ' : '').padStart(14)}${key.key} | ${allowedEvents(key)}`),
    )
    describeChannels(channels).forEach(print)
    return 0
  },
})
