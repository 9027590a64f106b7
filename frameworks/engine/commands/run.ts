import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createAppEvents } from '../dase/app-events.ts'
import { enableUserCode } from '../dase/effects/user-code.ts'
import { openFiles } from '../files/open-files.ts'
import { problem } from '../problems.ts'
import type { Command } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { engineDirectory } from './project.ts'

/** What a driver program exports: `export async function main(args, { events, files })`. */
type Driver = { main?: (args: readonly string[], tools: object) => unknown }

export const command: Command = {
  usage: '<file> [-- … -- <arguments>]',
  summary: `Runs a program of yours with the event store loaded: a file that exports
main(arguments, { events, files }). What follows the second -- are its arguments.`,
  options: ['sbt-extra', 'clean', 'no-asm'],
  arguments: ['<file>'],
  run: async (call, context) => {
    noticeIgnored(call, context)
    const directory = engineDirectory(call, context)
    const path = resolve(directory, call.arguments[0] ?? '')
    await access(path).catch(() => {
      throw problem('engine_invalid', `There is no file ${path}. Scala main classes are not run.`)
    })
    enableUserCode(directory)
    const { main } = (await import(pathToFileURL(path).href)) as Driver
    if (typeof main !== 'function') {
      throw problem('engine_invalid', `${path} does not export a function called main.`)
    }
    const events = createAppEvents(context.storage())
    await main(call.driverArguments, {
      events,
      files: openFiles(context.env),
      env: context.env,
      signal: context.signal,
    })
    return 0
  },
}
