import { parentPort, workerData } from 'node:worker_threads'
import { reasonOf } from '@hokku/kit/problem'
import { createAppEvents } from '../dase/app-events.ts'
import { recordedParams } from '../dase/instance.ts'
import { bindEngine } from '../dase/params.ts'
import { engineOf, resolveEngine } from '../dase/resolve-engine.ts'
import { openFiles } from '../files/open-files.ts'
import type { Deployment } from '../query-server/deployment.ts'
import { openStorage } from '../storage/storage.ts'
import { templates } from '../templates/catalogue.ts'
import { answerLines } from './answer-lines.ts'
import type { Reply, Request, WorkerTask } from './worker-team.ts'

/** A thread of batchpredict: answers the lines that it is sent, until it is terminated. */
const { directory, engineFactory, hints, instance, models, env } = workerData as WorkerTask
const reply = (message: Reply): void => parentPort?.postMessage(message)

const log = (message: string): void => reply({ kind: 'log', message })
const bound = bindEngine(
  engineOf(await resolveEngine(directory, engineFactory, templates, hints), engineFactory),
  recordedParams(instance),
)
const deployment: Deployment = {
  instance,
  bound,
  models,
  // Connects only if the engine reads events while it answers.
  context: {
    events: createAppEvents(openStorage(env)),
    files: openFiles(env),
    engineDirectory: directory,
    env,
    log,
  },
}

parentPort?.on('message', ({ id, lines }: Request) => {
  answerLines(deployment, lines).then(
    (text) => reply({ kind: 'answer', id, text }),
    (error: unknown) =>
      reply({
        kind: 'failure',
        id,
        message: reasonOf(error),
      }),
  )
})
reply({ kind: 'ready' })
