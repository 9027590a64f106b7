import { Problem, reasonOf } from '@hokku/kit/problem'
import type { Log } from '../log.ts'
import { problem } from '../problems.ts'
import type { TrainingContext } from './context.ts'
import type { BoundEngine } from './params.ts'

export type TrainingOptions = Readonly<{
  skipSanityCheck: boolean
  stopAfterRead: boolean
  stopAfterPrepare: boolean
}>

export type Training =
  | Readonly<{ kind: 'trained'; models: readonly unknown[] }>
  | Readonly<{ kind: 'stopped'; interruption: 'StopAfterRead' | 'StopAfterPrepare' }>

/**
 * Reads, prepares and trains as an engine's parameters say, checking what comes out of each step.
 *
 * @throws Problem `training_failed` when a check fails
 */
export async function trainEngine(
  bound: BoundEngine,
  options: TrainingOptions,
  context: TrainingContext,
  log: Log,
): Promise<Training> {
  const say = (line: string): void => log.info('Engine$', line)
  const check = checker(options, say)
  say('EngineWorkflow.train')
  say(`Data sanity check is ${options.skipSanityCheck ? 'off' : 'on'}.`)
  const { dataSource, preparator, algorithms } = bound
  const data = await dataSource.component.read(dataSource.params as never, context)
  check('TrainingData', dataSource.component.check, data)
  if (options.stopAfterRead) {
    say('Stopping here because --stop-after-read is set.')
    return { kind: 'stopped', interruption: 'StopAfterRead' }
  }
  const prepared = await preparator.component.prepare(data, preparator.params as never, context)
  check('PreparedData', preparator.component.check, prepared)
  if (options.stopAfterPrepare) {
    say('Stopping here because --stop-after-prepare is set.')
    return { kind: 'stopped', interruption: 'StopAfterPrepare' }
  }
  const models: unknown[] = []
  for (const { name, component, params } of algorithms) {
    context.signal.throwIfAborted()
    const model = await component.train(prepared, params as never, context)
    check(`The model of ${name || 'the algorithm'}`, component.check, model)
    models.push(model)
  }
  say('EngineWorkflow.train completed')
  return { kind: 'trained', models }
}

/** Only what the data source reads and the preparator makes, for algorithms that train at deployment. */
export async function prepareData(bound: BoundEngine, context: TrainingContext): Promise<unknown> {
  const { dataSource, preparator } = bound
  const data = await dataSource.component.read(dataSource.params as never, context)
  return preparator.component.prepare(data, preparator.params as never, context)
}

function checker(options: TrainingOptions, say: (line: string) => void) {
  return (what: string, check: ((value: never) => void) | undefined, value: unknown): void => {
    if (options.skipSanityCheck) return
    if (check === undefined) {
      say(`${what} does not support data sanity check. Skipping check.`)
      return
    }
    say(`${what} supports data sanity check. Performing check.`)
    try {
      check(value as never)
    } catch (error) {
      if (error instanceof Problem) throw error
      throw problem('training_failed', reasonOf(error), {
        cause: error,
      })
    }
  }
}
