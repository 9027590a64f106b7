import { isChannelName } from '../metadata/channel-name.ts'
import { problem } from '../problems.ts'
import { channelNamed, requireApp } from './apps.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Creates a channel: a separate event store within an app.',
  arguments: {
    app: { type: 'string', description: 'Name of the app.' },
    channel: { type: 'string', description: 'Letters, digits and hyphens, up to 16.' },
  },
  run: async (call, context) => {
    const { app: appName, channel: name } = call.arguments
    const app = await requireApp(appName, context)
    if (!isChannelName(name)) {
      throw problem(
        'channel_invalid',
        `Unable to create new channel.\nThe channel name ${name} is invalid.`,
        {
          hint: 'Only alphanumeric and - characters are allowed and max length is 16.',
        },
      )
    }
    if ((await channelNamed(app, name, context)) !== undefined) {
      throw problem(
        'channel_invalid',
        `Channel ${name} already exists.\nUnable to create new channel.`,
      )
    }
    const channel = await (await context.storage().metadata()).createChannel(app.id, name)
    const say = (line: string): void => context.log.info('App$', line)
    say('Updated Channel meta-data.')
    say(`Initialized Event Store for the channel: ${name}.`)
    say('Created new channel:')
    say(`    Channel Name: ${name}`)
    say(`      Channel ID: ${channel.id}`)
    say(`          App ID: ${app.id}`)
    return 0
  },
})
