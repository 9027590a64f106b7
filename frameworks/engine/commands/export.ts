import { resolve } from 'node:path'
import { exportEvents } from '../events/export-events.ts'
import { pioCommand } from './command.ts'
import { requireFeed } from './import.ts'
import { OPTIONS, optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Writes the events of an app, or of one of its channels, to files.',
  options: {
    appid: { ...OPTIONS.appid, isRequired: true },
    output: { ...OPTIONS.output, isRequired: true },
    format: { ...OPTIONS.format, default: 'json' },
    ...optionsOf('channel'),
  },
  run: async (call, context) => {
    const feed = await requireFeed(call.options, context)
    const { output, format } = call.options
    const directory = resolve(context.cwd, output.replace(/^file:\/\//, ''))
    const events = await context.storage().events()
    const count = await exportEvents(events.stream(feed, {}), directory, format)
    context.log.info('EventsToFile$', `Events are exported to ${output}/.`)
    context.log.info('EventsToFile$', `${count} exported.`)
    context.log.info('EventsToFile$', 'Done.')
    return 0
  },
})
