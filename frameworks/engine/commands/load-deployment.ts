import { createAppEvents } from '../dase/app-events.ts'
import { recordedParams } from '../dase/instance.ts'
import { bindEngine } from '../dase/params.ts'
import { engineOf } from '../dase/resolve-engine.ts'
import { unpackModels } from '../dase/trained-models.ts'
import { openFiles } from '../files/open-files.ts'
import type { EngineInstance } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import type { Deployment } from '../query-server/deployment.ts'
import type { Context } from './command.ts'
import { modelPlace, type Project, trainingContext } from './project.ts'

/**
 * Loads a training with its models: the one that is named, or the newest completed one of the
 * project.
 *
 * @throws Problem `instance_missing`, `model_broken`
 */
export async function loadDeployment(
  project: Project,
  instanceId: string | undefined,
  context: Context,
): Promise<Deployment> {
  const storage = context.storage()
  const instance = await findInstance(project, instanceId, context)
  const bound = bindEngine(
    engineOf(project.module, project.variant.engineFactory),
    recordedParams(instance),
  )
  const file = await (await storage.models()).load(instance.id)
  if (file === undefined) {
    throw problem('model_broken', `The model of the training ${instance.id} is missing.`, {
      hint: 'Train again with pio train.',
    })
  }
  return {
    instance,
    bound,
    models: await unpackModels(
      bound,
      { file, instanceId: instance.id, place: modelPlace(context) },
      trainingContext(project, context),
      context.log,
    ),
    context: {
      events: createAppEvents(storage),
      files: openFiles(context.env),
      engineDirectory: project.directory,
      env: context.env,
      log: (message) => context.log.info('Engine$', message),
    },
  }
}

async function findInstance(
  { key }: Project,
  instanceId: string | undefined,
  context: Context,
): Promise<EngineInstance> {
  const metadata = await context.storage().metadata()
  if (instanceId !== undefined) {
    const instance = await metadata.engineInstance(instanceId)
    if (instance?.status === 'COMPLETED') return instance
    throw problem('instance_missing', `Invalid engine instance ID ${instanceId}. Aborting.`, {
      ...(instance?.details.failure && {
        hint: `Its training failed: ${instance.details.failure}`,
      }),
    })
  }
  const newest = await metadata.newest(key, 'COMPLETED')
  if (newest !== undefined) return newest
  const failure = (await metadata.newest(key, 'FAILED'))?.details.failure
  throw problem(
    'instance_missing',
    `No valid engine instance found for engine ${key.engineId} ${key.engineVersion}.\nTry running 'train' before 'deploy'. Aborting.`,
    failure === undefined ? {} : { hint: `Its last training failed: ${failure}` },
  )
}
