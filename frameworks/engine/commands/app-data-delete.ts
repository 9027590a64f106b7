import { DEFAULT_CHANNEL } from '../events/event.ts'
import type { App, Channel } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import { channelNamed, describeApp, isConfirmed, requireApp } from './apps.ts'
import { type Context, pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Deletes the events of an app: those of one channel, or all.',
  arguments: { name: { type: 'string', description: 'Name of the app.' } },
  options: optionsOf('channel', 'all', 'force'),
  run: async (call, context) => {
    const app = await requireApp(call.arguments.name, context)
    const name = call.options.channel
    const channel = name === undefined ? undefined : await requireChannel(app, name, context)
    const isAll = call.options.all
    questionOf(app, channel, isAll).forEach((line) => context.log.info('App$', line))
    if (!(await isConfirmed(call.options.force, context))) return 0
    const metadata = await context.storage().metadata()
    const channels = isAll ? await metadata.listChannels(app.id) : channel ? [channel] : []
    for (const { id } of channels) await clear(app, id, context)
    if (isAll || channel === undefined) await clear(app, DEFAULT_CHANNEL, context)
    context.log.info('App$', 'Done.')
    return 0
  },
})

async function requireChannel(app: App, name: string, context: Context): Promise<Channel> {
  const channel = await channelNamed(app, name, context)
  if (channel !== undefined) return channel
  throw problem(
    'channel_invalid',
    `Unable to delete data for channel.\nChannel ${name} doesn't exist.`,
  )
}

function questionOf(app: App, channel: Channel | undefined, isAll: boolean): string[] {
  const what = isAll
    ? 'All data of the app (including default and all channels) will be deleted.'
    : channel === undefined
      ? 'Data of the following app (default channel only) will be deleted.'
      : 'Data of the following channel will be deleted.'
  const where =
    isAll || channel === undefined
      ? []
      : [`Channel Name: ${channel.name}`, `  Channel ID: ${channel.id}`]
  return [`${what} Are you sure?`, ...where, ...describeApp(app)]
}

async function clear(app: App, channelId: number, context: Context): Promise<void> {
  const events = await context.storage().events()
  await events.clear({ appId: app.id, channelId })
  const where = channelId === DEFAULT_CHANNEL ? `app ID: ${app.id}` : `channel ID: ${channelId}`
  context.log.info('App$', `Removed Event Store for the ${where}`)
  context.log.info('App$', `Initialized Event Store for the ${where}`)
}
