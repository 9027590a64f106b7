import { problem } from '../problems.ts'
import { channelNamed, isConfirmed, requireApp } from './apps.ts'
import { pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Deletes a channel of an app with its events.',
  arguments: {
    app: { type: 'string', description: 'Name of the app.' },
    channel: { type: 'string', description: 'Name of the channel.' },
  },
  options: optionsOf('force'),
  run: async (call, context) => {
    const { app: appName, channel: name } = call.arguments
    const app = await requireApp(appName, context)
    const channel = await channelNamed(app, name, context)
    if (channel === undefined) {
      throw problem('channel_invalid', `Unable to delete channel.\nChannel ${name} doesn't exist.`)
    }
    const say = (line: string): void => context.log.info('App$', line)
    say('The following channel will be deleted. Are you sure?')
    say(`    Channel Name: ${name}`)
    say(`      Channel ID: ${channel.id}`)
    say(`        App Name: ${app.name}`)
    say(`          App ID: ${app.id}`)
    if (!(await isConfirmed(call.options.force, context))) return 0
    await (await context.storage().events()).clear({ appId: app.id, channelId: channel.id })
    say(`Removed Event Store for this channel: ${name}`)
    await (await context.storage().metadata()).deleteChannel(channel.id)
    say(`Deleted channel: ${name}.`)
    return 0
  },
})
