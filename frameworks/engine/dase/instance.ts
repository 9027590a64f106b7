import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { EngineInstance, EngineKey } from '../metadata/metadata-store.ts'
import { maskSetting } from '../storage/configuration.ts'
import { algorithmsJson, paramsJson } from './params.ts'
import type { EngineParams, Variant } from './variant.ts'

/**
 * What makes trainings those of one engine. The version is the SHA-1 of the directory's path; in a
 * dyno of `/app`, wherever the slug is, so that release and web agree.
 */
export function engineKeyOf(
  variant: Variant,
  directory: string,
  env: NodeJS.ProcessEnv,
  overrides: Readonly<{ id: string | undefined; version: string | undefined }>,
): EngineKey {
  const path = env['DYNO'] === undefined ? resolve(directory) : '/app'
  return {
    engineId: overrides.id ?? variant.engineFactory,
    engineVersion: overrides.version ?? createHash('sha1').update(path).digest('hex'),
    engineVariant: variant.id,
  }
}

/** The record of a training that begins. */
export function newInstance(
  id: string,
  key: EngineKey,
  variant: Variant,
  params: EngineParams,
  options: Readonly<{ batch: string; env: NodeJS.ProcessEnv; now: Date }>,
): EngineInstance {
  return {
    id,
    status: 'INIT',
    startTime: options.now,
    endTime: options.now,
    ...key,
    engineFactory: variant.engineFactory,
    batch: options.batch,
    details: {
      env: recordedEnv(options.env),
      sparkConf: variant.sparkConf,
      dataSourceParams: paramsJson(params.dataSource),
      preparatorParams: paramsJson(params.preparator),
      algorithmsParams: algorithmsJson(params.algorithms),
      servingParams: paramsJson(params.serving),
    },
  }
}

/** All `PIO_*` variables, secrets masked: PredictionIO records passwords, too. */
export const recordedEnv = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => name.startsWith('PIO_'))
      .map(([name, value]) => [name, maskSetting(name, value ?? '')]),
  )

/** The parameters of a training, as they were recorded: deployment uses these, not engine.json's. */
export function recordedParams({ details }: EngineInstance): EngineParams {
  const one = (text: string) => {
    const [[name, params] = ['', {}]] = Object.entries(JSON.parse(text) as Record<string, unknown>)
    return { name, params }
  }
  const algorithms = JSON.parse(details.algorithmsParams) as Record<string, unknown>[]
  return {
    dataSource: one(details.dataSourceParams),
    preparator: one(details.preparatorParams),
    algorithms: algorithms.map((algorithm) => one(JSON.stringify(algorithm))),
    serving: one(details.servingParams),
  }
}
