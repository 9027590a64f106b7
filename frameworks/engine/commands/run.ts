import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createAppEvents } from '../dase/app-events.ts'
import { enableUserCode } from '../dase/effects/user-code.ts'
import { openFiles } from '../files/open-files.ts'
import { problem } from '../problems.ts'
import { pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { optionsOf } from './options.ts'
import { engineDirectory } from './project.ts'

/** What a driver program exports: `export async function main(args, { events, files })`. */
type Driver = { main?: (args: readonly string[], tools: object) => unknown }

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Runs your program with access to the events.',
  details: 'The program is a file that exports main(arguments, { events, files }).',
  examples: ['pio run report.ts -- -- --month 2026-11'],
  arguments: {
    file: { type: 'string', description: 'The file, from the folder of the engine.' },
  },
  options: optionsOf('sbt-extra', 'clean', 'no-asm'),
  afterDashes: 'Options for Spark, which have no effect; after a second --, arguments for main.',
  run: async (call, context) => {
    noticeIgnored(call, context)
    const directory = engineDirectory(call, context)
    const path = resolve(directory, call.arguments.file)
    await access(path).catch(() => {
      throw problem('engine_invalid', `There is no file ${path}. Scala main classes are not run.`)
    })
    enableUserCode(directory)
    const { main } = (await import(pathToFileURL(path).href)) as Driver
    if (typeof main !== 'function') {
      throw problem('engine_invalid', `${path} does not export a function called main.`)
    }
    const events = createAppEvents(context.storage())
    await main(driverArguments(call.afterDashes), {
      events,
      files: openFiles(context.env),
      env: context.env,
      signal: context.signal,
    })
    return 0
  },
})

/** What follows the second `--`. */
function driverArguments(afterDashes: readonly string[]): readonly string[] {
  const at = afterDashes.indexOf('--')
  return at < 0 ? [] : afterDashes.slice(at + 1)
}
