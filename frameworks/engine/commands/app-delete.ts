import { DEFAULT_CHANNEL } from '../events/event.ts'
import { describeApp, describeChannels, isConfirmed, requireApp } from './apps.ts'
import { pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Deletes an app with its channels, access keys and all its events.',
  arguments: { name: { type: 'string', description: 'Name of the app.' } },
  options: optionsOf('force'),
  run: async (call, context) => {
    const app = await requireApp(call.arguments.name, context)
    const metadata = await context.storage().metadata()
    const events = await context.storage().events()
    const channels = await metadata.listChannels(app.id)
    const say = (line: string): void => context.log.info('App$', line)
    say('The following app (including all channels) will be deleted. Are you sure?')
    describeApp(app).forEach(say)
    describeChannels(channels).forEach(say)
    if (!(await isConfirmed(call.options.force, context))) return 0
    for (const { id, name } of channels) {
      await events.clear({ appId: app.id, channelId: id })
      say(`Removed Event Store of the channel ID: ${id}`)
      await metadata.deleteChannel(id)
      say(`Deleted channel ${name}`)
    }
    await events.clear({ appId: app.id, channelId: DEFAULT_CHANNEL })
    say(`Removed Event Store for this app ID: ${app.id}`)
    const keys = await metadata.listAccessKeys(app.id)
    await metadata.deleteApp(app.id)
    keys.forEach(({ key }) => say(`Removed access key ${key}`))
    say(`Deleted app ${app.name}.`)
    say('Done.')
    return 0
  },
})
