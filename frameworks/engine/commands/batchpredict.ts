import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { linesOf } from '../events/lines.ts'
import { parseLenientJson, stringifyJson } from '../events/lenient-json.ts'
import { problem } from '../problems.ts'
import { type Deployment, predict, readQueryFor } from '../query-server/deployment.ts'
import { type Command, textOption } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { loadDeployment } from './load-deployment.ts'
import { integerOption } from './parse-call.ts'
import { checkTemplate, readProject } from './project.ts'

export const command: Command = {
  usage:
    '[--input <file>] [--output <directory>] [--query-partitions <n>] [--engine-instance-id <id>]',
  summary:
    'Answers a file of queries, one JSON object per line, into a new directory of part files.',
  options: ['input', 'output', 'query-partitions', 'engine-instance-id', 'json-extractor'],
  arguments: [],
  run: async (call, context) => {
    noticeIgnored(call, context)
    const input = resolve(context.cwd, textOption(call, 'input') ?? 'batchpredict-input.json')
    const output = resolve(context.cwd, textOption(call, 'output') ?? 'batchpredict-output.json')
    const parts = integerOption(call, 'query-partitions', { min: 1, max: PARTS_MAX }) ?? 1
    const project = await readProject(call, context)
    await checkTemplate(project.directory, context)
    const deployment = await loadDeployment(
      project,
      textOption(call, 'engine-instance-id'),
      context,
    )
    if (await exists(output)) {
      throw problem('export_failed', `Output directory ${output} already exists.`)
    }
    if (!(await exists(input))) throw problem('import_failed', `There is no file ${input}.`)
    const count = await writeAll(deployment, input, output, parts, context.signal)
    context.log.info('BatchPredict$', `${count} queries answered in ${output}/.`)
    return 0
  },
}

const PARTS_MAX = 10_000

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The directory appears when it is complete; one bad query and there is none. */
async function writeAll(
  deployment: Deployment,
  input: string,
  output: string,
  parts: number,
  signal: AbortSignal,
): Promise<number> {
  const temporary = join(dirname(output), `.${process.pid}-${Date.now()}.batchpredict`)
  await mkdir(temporary, { recursive: true })
  try {
    const files = Array.from({ length: parts }, (_, part) =>
      createWriteStream(join(temporary, `part-${String(part).padStart(5, '0')}`), { flush: true }),
    )
    let count = 0
    for await (const chunk of chunksOf(input)) {
      signal.throwIfAborted()
      const lines = await Promise.all(chunk.map((line) => answerLine(deployment, line)))
      // Runs of lines go to the same part, so that order is kept within each.
      const file = files[Math.floor(count / CHUNK_LINES) % parts]
      count += lines.length
      if (file !== undefined && !file.write(lines.join(''))) await once(file, 'drain')
    }
    for (const file of files) file.end()
    await Promise.all(files.map((file) => finished(file)))
    await writeFile(join(temporary, '_SUCCESS'), '')
    await rename(temporary, output)
    return count
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

/** Queries that are answered at once: engines that read the store then wait together. */
const CHUNK_LINES = 64

type Line = Readonly<{ number: number; text: string }>

async function* chunksOf(path: string): AsyncGenerator<Line[], void, undefined> {
  let chunk: Line[] = []
  let number = 0
  for await (const texts of linesOf(path)) {
    for (const text of texts) {
      number += 1
      if (text.trim() !== '') chunk.push({ number, text })
      if (chunk.length < CHUNK_LINES) continue
      yield chunk
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk
}

async function answerLine(deployment: Deployment, { number, text }: Line): Promise<string> {
  try {
    const query = readQueryFor(deployment, parseLenientJson(text))
    const prediction = await predict(deployment, query)
    return `${stringifyJson({ query, prediction })}\n`
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw problem('query_invalid', `Line ${number} could not be answered: ${reason}`, {
      hint: 'Nothing was written.',
      cause: error,
    })
  }
}
