import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, STAGES } from '../store/index.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { pipelineOf } from './pipeline-access.ts'

/** `ci:config`: config vars of a stage, for the apps that a pipeline makes by itself. Its owner's only. */
export const stageConfigVarRoutes: Routes = (api, plane) => {
  const { configVars } = plane.store.pipelines
  const stageOf = (request: FastifyRequest): string => {
    const stage = pathParam(request, 'stage')
    if (STAGES.some((one) => one === stage)) return stage
    throw problem('not_found', `There is no stage ${stage}.`, {
      hint: `There are: ${STAGES.join(', ')}`,
    })
  }

  api.get('/pipelines/:pipeline/stage/:stage/config-vars', (request) =>
    configVars.list(pipelineOf(request, plane, 'own').id, stageOf(request)),
  )
  api.patch('/pipelines/:pipeline/stage/:stage/config-vars', takes(Changes), (request) => {
    const { id } = pipelineOf(request, plane, 'own')
    const stage = stageOf(request)
    const changes = bodyOf(request, Changes)
    plane.store.transaction(() => {
      for (const [name, value] of Object.entries(changes)) configVars.set(id, stage, name, value)
    })
    return configVars.list(id, stage)
  })
}

/** As for the config vars of an app. */
const VALUE_LENGTH_MAX = 64 * 1024
const Changes = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable'),
  z.string().max(VALUE_LENGTH_MAX).nullable(),
)
