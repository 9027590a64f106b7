import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, STAGES, type PipelineCoupling } from '../store/index.ts'
import { accessibleApp, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { pipelineNamed, pipelineOf, Reference, visibleCouplings } from './pipeline-access.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#pipeline-coupling */
export const pipelineCouplingRoutes: Routes = (api, plane) => {
  const { couplings } = plane.store.pipelines
  const send = (request: FastifyRequest, reply: FastifyReply, found: PipelineCoupling[]) =>
    sendList(
      request,
      reply,
      visibleCouplings(request, plane, found).map((coupling) => couplingShape(coupling, plane)),
    )

  for (const path of ['/pipeline-couplings', '/users/:user/pipeline-couplings']) {
    api.get(path, (request, reply) => send(request, reply, couplings.list()))
  }
  api.get('/pipelines/:pipeline/pipeline-couplings', (request, reply) =>
    send(request, reply, couplings.ofPipeline(pipelineOf(request, plane).id)),
  )
  api.get('/apps/:app/pipeline-couplings', (request) => {
    const coupling = couplings.ofApp(appOf(request, plane.store).id)
    if (coupling !== undefined) return couplingShape(coupling, plane)
    throw problem('not_found', 'This app is not in a pipeline.', {
      details: { resource: 'pipeline_coupling' },
    })
  })
  api.post('/pipeline-couplings', takes(NewCoupling), (request, reply) =>
    create(request, reply, plane),
  )
  api.get('/pipeline-couplings/:coupling', (request) =>
    couplingShape(couplingOf(request, plane), plane),
  )
  api.patch('/pipeline-couplings/:coupling', takes(CouplingUpdate), (request) => {
    const { stage } = bodyOf(request, CouplingUpdate)
    const { id } = couplingOf(request, plane)
    return couplingShape(couplings.setStage(id, stage), plane)
  })
  api.delete('/pipeline-couplings/:coupling', (request) => {
    const coupling = couplingOf(request, plane)
    couplings.remove(coupling.id)
    return couplingShape(coupling, plane)
  })
}

function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const body = bodyOf(request, NewCoupling)
  const app = accessibleApp(request, body.app, store)
  const pipeline = pipelineNamed(request, plane, body.pipeline, 'own')
  const coupling = store.transaction(() => {
    const present = store.pipelines.couplings.ofApp(app.id)
    if (present !== undefined) {
      const { name } = store.pipelines.find(present.pipelineId) ?? { name: 'another pipeline' }
      throw problem('invalid_params', `${app.name} is in the pipeline ${name} already.`, {
        hint: `Change its stage with heroku pipelines:update, or take it out with: heroku pipelines:remove -a ${app.name}`,
      })
    }
    return store.pipelines.couplings.create({
      pipelineId: pipeline.id,
      appId: app.id,
      stage: body.stage,
    })
  })
  return reply.code(201).send(couplingShape(coupling, plane))
}

/** The coupling in a path, of an app that the account may use. */
function couplingOf(request: FastifyRequest, plane: Plane): PipelineCoupling {
  const id = pathParam(request, 'coupling')
  const found = plane.store.pipelines.couplings.find(id)
  const [coupling] = visibleCouplings(request, plane, found === undefined ? [] : [found])
  if (coupling !== undefined) {
    accessibleApp(request, coupling.appId, plane.store)
    return coupling
  }
  throw problem('not_found', `Couldn't find that pipeline coupling.`, {
    details: { resource: 'pipeline_coupling' },
  })
}

const couplingShape = (coupling: PipelineCoupling, { store }: Plane) => ({
  id: coupling.id,
  app: { id: coupling.appId },
  pipeline: {
    id: coupling.pipelineId,
    name: store.pipelines.find(coupling.pipelineId)?.name ?? '',
  },
  stage: coupling.stage,
  created_at: coupling.createdAt,
  updated_at: coupling.updatedAt,
})

const Stage = z.enum(STAGES)
const NewCoupling = z.strictObject({ app: Reference, pipeline: Reference, stage: Stage })
const CouplingUpdate = z.strictObject({ stage: Stage })
