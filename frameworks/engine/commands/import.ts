import { Problem } from '@hokku/kit/problem'
import { stat } from 'node:fs/promises'
import { glob } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { DEFAULT_CHANNEL } from '../events/event.ts'
import type { RejectedLine } from '../events/event-store.ts'
import { linesOf } from '../events/lines.ts'
import { problem } from '../problems.ts'
import { channelNamed, requireAppId } from './apps.ts'
import { type Context, pioCommand } from './command.ts'
import { OPTIONS, optionsOf } from './options.ts'
import { reporter } from './reporter.ts'

export const command = pioCommand({
  summary: 'Stores the events of a file: all of them, or none.',
  details: 'The file has one event per line, as JSON.',
  examples: [
    'pio import --appid 1 --input data/initial-events.json',
    'pio import --appid 1 --input data/sync-events.json --replace',
  ],
  options: {
    appid: { ...OPTIONS.appid, isRequired: true },
    input: {
      ...OPTIONS.input,
      isRequired: true,
      description:
        'File to read, or a folder with files part-* and *.json, or a pattern such as data/*.json.',
    },
    ...optionsOf('channel'),
    'max-errors': { ...OPTIONS['max-errors'], default: 0 },
    ...optionsOf('drop-ids', 'replace'),
  },
  run: async (call, context) => {
    const feed = await requireFeed(call.options, context)
    const { input } = call.options
    const files = await filesOf(resolve(context.cwd, input.replace(/^file:\/\//, '')), input)
    const bytes = await bytesOf(files)
    const { report, finish } = reporter(context.log)
    const lines = new NumberedLines(files)
    const events = await context.storage().events()
    try {
      const { imported, rejected } = await events.importLines(feed, lines, {
        nowMs: Date.now(),
        errorsMax: call.options['max-errors'],
        dropIds: call.options['drop-ids'],
        replaces: call.options.replace,
        placeOf: (line) => lines.placeOf(line),
        onLine: (_line, read) => report('Importing bytes', read, bytes),
        signal: context.signal,
      })
      finish()
      logRejected(rejected, context)
      for (const { line, reason } of rejected.slice(0, SHOWN_MAX)) {
        context.log.error('FileToEvents$', `${lines.placeOf(line)}: ${reason}`)
      }
      context.log.info('FileToEvents$', 'Events are imported.')
      context.log.info('FileToEvents$', `${imported} imported, ${rejected.length} left out.`)
      context.log.info('FileToEvents$', 'Done.')
      return 0
    } catch (error) {
      finish()
      if (error instanceof Problem) {
        logRejected((error.details['rejected'] ?? []) as readonly RejectedLine[], context)
      }
      throw error
    }
  },
})

/** In the words of PredictionIO, which scripts look for. */
function logRejected(rejected: readonly RejectedLine[], { log }: Context): void {
  for (const { text } of rejected.slice(0, SHOWN_MAX)) {
    log.error('FileToEvents$', '')
    log.error('FileToEvents$', `malformed json => ${text}`)
  }
}

/** More broken lines are one mistake many times; the last line says how many. */
const SHOWN_MAX = 100

/** The feed that `--appid` and `--channel` name; PredictionIO took unknown ids, too. */
export async function requireFeed(
  { appid: appId, channel: name }: Readonly<{ appid: number; channel: string | undefined }>,
  context: Context,
) {
  const app = await requireAppId(appId, context)
  if (name === undefined) return { appId, channelId: DEFAULT_CHANNEL }
  const channel = await channelNamed(app, name, context)
  if (channel !== undefined) return { appId, channelId: channel.id }
  throw problem('channel_invalid', `Channel ${name} doesn't exist in this app.`)
}

async function filesOf(path: string, shown: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return [path]
  const patterns = found?.isDirectory() ? [`${path}/part-*`, `${path}/*.json`] : [path]
  const files = await Array.fromAsync(glob(patterns))
  if (files.length > 0) return [...new Set(files)].toSorted()
  throw problem('import_failed', `There is no file ${shown} to import.`)
}

async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The lines of several files one after the other, and in which of them each is. */
class NumberedLines implements AsyncIterable<readonly string[]> {
  readonly #files: readonly string[]
  /** For each file that was begun, how many lines came before it. */
  readonly #before: number[] = []

  constructor(files: readonly string[]) {
    this.#files = files
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string[], void, undefined> {
    let count = 0
    for (const file of this.#files) {
      this.#before.push(count)
      for await (const lines of linesOf(file)) {
        count += lines.length
        yield lines
      }
    }
  }

  /** `line 5`, with the file's name where there are several. */
  placeOf(line: number): string {
    const at = this.#before.findLastIndex((before) => before < line)
    const file = this.#files[at]
    if (file === undefined || this.#files.length === 1) return `line ${line}`
    return `${basename(file)}, line ${line - (this.#before[at] ?? 0)}`
  }
}
