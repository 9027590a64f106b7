import { resolve } from 'node:path'
import { exportEvents } from '../events/export-events.ts'
import { problem } from '../problems.ts'
import { type Command, textOption } from './command.ts'
import { requireFeed } from './import.ts'

export const command: Command = {
  usage: '--appid <n> --output <directory> [--format json|parquet] [--channel <name>]',
  summary: 'Writes all events of an app, or of one of its channels, to a new directory.',
  options: ['appid', 'output', 'format', 'channel'],
  arguments: [],
  run: async (call, context) => {
    const feed = await requireFeed(call, context)
    const output = textOption(call, 'output')
    if (output === undefined) throw problem('command_invalid', 'Missing option --output')
    const format = textOption(call, 'format') ?? 'json'
    if (format !== 'json' && format !== 'parquet') {
      throw problem('command_invalid', `Option --format is json or parquet, not '${format}'`)
    }
    const directory = resolve(context.cwd, output.replace(/^file:\/\//, ''))
    const events = await context.storage().events()
    const count = await exportEvents(events.stream(feed, {}), directory, format)
    context.log.info('EventsToFile$', `Events are exported to ${output}/.`)
    context.log.info('EventsToFile$', `${count} exported.`)
    context.log.info('EventsToFile$', 'Done.')
    return 0
  },
}
