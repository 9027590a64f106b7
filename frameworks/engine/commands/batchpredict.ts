import { access } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { inOrder } from '../batch-predict/in-order.ts'
import { Predictor } from '../batch-predict/predictor.ts'
import { queryLines } from '../batch-predict/query-lines.ts'
import { writeParts } from '../batch-predict/write-parts.ts'
import { problem } from '../problems.ts'
import { pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { loadDeployment } from './load-deployment.ts'
import { OPTIONS, optionsOf } from './options.ts'
import { checkTemplate, readProject } from './project.ts'

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Answers all queries of a file with the newest model.',
  details:
    'The file has one query per line, as JSON. The answers go to files part-00000 and so on in a new folder.',
  options: {
    input: { ...OPTIONS.input, default: 'batchpredict-input.json' },
    output: { ...OPTIONS.output, default: 'batchpredict-output.json' },
    'query-partitions': { ...OPTIONS['query-partitions'], default: 1 },
    ...optionsOf('engine-instance-id', 'json-extractor'),
  },
  run: async (call, context) => {
    noticeIgnored(call, context)
    const input = resolve(context.cwd, call.options.input)
    const output = resolve(context.cwd, call.options.output)
    const parts = call.options['query-partitions']
    const project = await readProject(call, context)
    await checkTemplate(project.directory, context)
    const deployment = await loadDeployment(project, call.options['engine-instance-id'], context)
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
        hints: project.hints,
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
})

/** Each has a copy of the models, and its own connections if the engine reads events. */
const THREADS_MAX = 8

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
