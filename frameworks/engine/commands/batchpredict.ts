import { access } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { inOrder } from '../batch-predict/in-order.ts'
import { Predictor } from '../batch-predict/predictor.ts'
import { queryLines } from '../batch-predict/query-lines.ts'
import { writeParts } from '../batch-predict/write-parts.ts'
import { problem } from '../problems.ts'
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
    let count = 0
    await using predictor = new Predictor({
      deployment,
      project: {
        directory: project.directory,
        engineFactory: project.variant.engineFactory,
        env: context.env,
      },
      threads: Math.min(availableParallelism(), THREADS_MAX),
      log: deployment.context.log,
    })
    const answers = inOrder(
      queryLines(input),
      () => predictor.width,
      (lines) => {
        context.signal.throwIfAborted()
        count += lines.length
        return predictor.answer(lines)
      },
    )
    await writeParts(answers, output, parts)
    context.log.info('BatchPredict$', `${count} queries answered in ${output}/.`)
    return 0
  },
}

const PARTS_MAX = 10_000
/** Each has a copy of the models, and its own connections if the engine reads events. */
const THREADS_MAX = 8

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
