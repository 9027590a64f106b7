import { isChannelName } from '../metadata/channel-name.ts'
import { problem } from '../problems.ts'
import { channelNamed, requireApp } from './apps.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '<app> <channel>',
  summary: 'Creates a channel: an event store of its own within an app.',
  options: [],
  arguments: ['<app>', '<channel>'],
  run: async (call, context) => {
    const [appName = '', name = ''] = call.arguments
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
}
