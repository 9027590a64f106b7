import { Problem } from '@hokku/kit/problem'
import { randomUUID } from 'node:crypto'
import { newInstance } from '../dase/instance.ts'
import { bindEngine } from '../dase/params.ts'
import { engineOf } from '../dase/resolve-engine.ts'
import { packModels } from '../dase/trained-models.ts'
import { trainEngine } from '../dase/train-engine.ts'
import type { EngineInstance } from '../metadata/metadata-store.ts'
import { parseSparkDefaults, readConfFile } from '../conf-files.ts'
import { type Context, type PioCall, pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { optionsOf } from './options.ts'
import {
  checkTemplate,
  modelPlace,
  paramsOf,
  readProject,
  readVariant,
  trainingContext,
} from './project.ts'
import { readSparkOptions } from './spark-options.ts'
import { INTERRUPTED, runInChild } from './supervise.ts'

const TRAIN_OPTIONS = {
  ...optionsOf('batch', 'engine-factory', 'engine-params-key', 'skip-sanity-check'),
  ...optionsOf('stop-after-read', 'stop-after-prepare'),
  ...optionsOf('params-path', 'metrics-params', 'uber-jar', 'verbosity', 'main-py-file'),
  ...optionsOf('json-extractor'),
}

type TrainCall = PioCall<typeof TRAIN_OPTIONS>

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Trains the engine of this folder and stores the model.',
  examples: ['pio train -- --driver-memory 4g'],
  options: TRAIN_OPTIONS,
  afterDashes: 'Options for Spark. --driver-memory <size> limits the memory, e.g. to 4g.',
  run: (call, context) => {
    const instanceId = context.env[CHILD_VARIABLE]
    return instanceId === undefined ? supervise(call, context) : trainAs(instanceId, call, context)
  },
})

/** Names the instance that the child trains. */
const CHILD_VARIABLE = 'PIO_TRAIN_INSTANCE_ID'

async function supervise(call: TrainCall, context: Context): Promise<number> {
  noticeIgnored(call, context)
  const { variant } = await readVariant(call, context)
  const spark = readSparkOptions(call.afterDashes, 'training', {
    ...parseSparkDefaults(await readConfFile(context.env, 'spark-defaults.conf')),
    ...variant.sparkConf,
  })
  spark.notices.forEach((notice) => context.log.warn('Runner$', notice))
  if (spark.memoryMb !== undefined) {
    context.log.info('Runner$', `Training gets ${spark.memoryMb} MB of memory.`)
  }
  const instanceId = randomUUID()
  const variables = { [CHILD_VARIABLE]: instanceId }
  const ending = await runInChild(['train', ...call.words], spark.memoryMb, variables, context)
  if (ending.reason !== undefined) await recordFailure(instanceId, ending.reason, context)
  return ending.exitCode
}

async function recordFailure(id: string, reason: string, context: Context): Promise<void> {
  context.log.error('CoreWorkflow$', `Training failed. ${reason}`)
  const metadata = await context.storage().metadata()
  const instance = await metadata.engineInstance(id)
  if (instance !== undefined) await metadata.saveEngineInstance(failed(instance, reason))
}

const failed = (instance: EngineInstance, failure: string): EngineInstance => ({
  ...instance,
  status: 'FAILED',
  endTime: new Date(),
  details: { ...instance.details, failure },
})

async function trainAs(instanceId: string, call: TrainCall, context: Context): Promise<number> {
  const say = (line: string): void => context.log.info('CreateWorkflow$', line)
  const project = await readProject(call, context)
  await checkTemplate(project.directory, context)
  const params = paramsOf(project, call)
  say(`Engine ${project.variant.engineFactory} is ${project.module.name}.`)
  say('Extracting datasource params...')
  const bound = bindEngine(engineOf(project.module, project.variant.engineFactory), params)
  say(`Datasource params: (${bound.dataSource.name},${JSON.stringify(bound.dataSource.params)})`)
  say('Extracting preparator params...')
  say(`Preparator params: (${bound.preparator.name},${JSON.stringify(bound.preparator.params)})`)
  say('Extracting serving params...')
  say(`Serving params: (${bound.serving.name},${JSON.stringify(bound.serving.params)})`)
  const metadata = await context.storage().metadata()
  const instance = newInstance(instanceId, project.key, project.variant, params, {
    batch: call.options.batch ?? '',
    env: context.env,
    now: new Date(),
  })
  await metadata.saveEngineInstance(instance)
  try {
    const training = await trainEngine(
      bound,
      {
        skipSanityCheck: call.options['skip-sanity-check'],
        stopAfterRead: call.options['stop-after-read'],
        stopAfterPrepare: call.options['stop-after-prepare'],
      },
      trainingContext(project, context),
      context.log,
    )
    if (training.kind === 'stopped') {
      context.log.info(
        'CoreWorkflow$',
        `Training interrupted by ${training.interruption}Interruption().`,
      )
      return 0
    }
    context.log.info('Engine$', `engineInstanceId=${instanceId}`)
    context.log.info('CoreWorkflow$', 'Inserting persistent model')
    const file = await packModels(bound, training.models, instanceId, modelPlace(context))
    await (await context.storage().models()).save(instanceId, file)
    context.log.info('CoreWorkflow$', 'Updating engine instance')
    await metadata.saveEngineInstance({ ...instance, status: 'COMPLETED', endTime: new Date() })
    context.log.info('CoreWorkflow$', 'Training completed successfully.')
    return 0
  } catch (error) {
    if (context.signal.aborted) {
      await metadata.saveEngineInstance(failed(instance, INTERRUPTED))
      context.log.error('CoreWorkflow$', `Training failed. ${INTERRUPTED}`)
      return 1
    }
    const reason = error instanceof Error ? error.message : String(error)
    await metadata.saveEngineInstance(failed(instance, reason))
    if (error instanceof Problem) throw error
    context.log.error('CoreWorkflow$', `Training failed: ${(error as Error).stack ?? reason}`)
    return 1
  }
}
