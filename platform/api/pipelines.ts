import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { queryParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type Pipeline, type PipelineCoupling } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { buildShape } from './builds.ts'
import { GENERATION_ID, stackOf } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import { pipelineNamed, pipelineOf, pipelinesOf, visibleCouplings } from './pipeline-access.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'
import { releaseShape } from './releases.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#pipeline */
export const pipelineRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.get('/pipelines', (request, reply) => {
    const name = queryParam(request, 'eq[name]')
    const found = pipelinesOf(accountOf(request), plane).filter(
      (pipeline) => name === undefined || pipeline.name === name,
    )
    return sendList(request, reply, found.map(pipelineShape))
  })
  api.post('/pipelines', takes(NewPipeline), (request, reply) => create(request, reply, plane))
  api.get('/pipelines/:pipeline', (request) => pipelineShape(pipelineOf(request, plane)))
  api.patch('/pipelines/:pipeline', takes(PipelineUpdate), (request) => {
    const pipeline = pipelineOf(request, plane, 'own')
    const { name } = bodyOf(request, PipelineUpdate)
    if (name === undefined || name === pipeline.name) return pipelineShape(pipeline)
    return store.transaction(() => {
      checkName(plane, name)
      return pipelineShape(store.pipelines.update(pipeline.id, { name }))
    })
  })
  api.delete('/pipelines/:pipeline', takes(PipelineRemoval), (request) => {
    const pipeline = pipelineOf(request, plane, 'own')
    const { name = pipeline.name } = bodyOf(request, PipelineRemoval)
    if (name !== pipeline.name) {
      throw problem('invalid_params', `The pipeline is called ${pipeline.name}, not ${name}.`)
    }
    store.pipelines.remove(pipeline.id)
    return pipelineShape(pipeline)
  })
  api.post('/pipeline-transfers', takes(NewTransfer), (request, reply) =>
    transfer(request, reply, plane),
  )
  api.get('/pipelines/:pipeline/pipeline-stack', (request) => {
    const [first] = appsIn(request, plane)
    return { stack: first === undefined ? null : stackOf(first.stack) }
  })
  latestRoutes(api, plane)
}

/** What the apps of a pipeline run now. */
const latestRoutes: Routes = (api, plane) => {
  const { store } = plane
  const current = (request: FastifyRequest, reply: FastifyReply, deployed: boolean) => {
    const shapes = appsIn(request, plane).flatMap((app) => {
      const releases = store.releases.list(app.id).filter(({ status }) => status === 'succeeded')
      const release = releases.findLast(({ slugId }) => !deployed || slugId !== null)
      return release === undefined ? [] : [releaseShape(release, app, plane, request)]
    })
    return sendList(request, reply, shapes)
  }
  api.get('/pipelines/:pipeline/latest-builds', (request, reply) => {
    const shapes = appsIn(request, plane).flatMap((app) => {
      const build = plane.builds.list(app.id).at(-1)
      return build === undefined ? [] : [buildShape(build, app, plane, request)]
    })
    return sendList(request, reply, shapes)
  })
  api.get('/pipelines/:pipeline/latest-releases', (request, reply) =>
    current(request, reply, false),
  )
  api.get('/pipelines/:pipeline/latest-deployments', (request, reply) =>
    current(request, reply, true),
  )
}

/** Apps of a pipeline that the account may use. */
function appsIn(request: FastifyRequest, plane: Plane) {
  const { id } = pipelineOf(request, plane)
  const couplings: PipelineCoupling[] = plane.store.pipelines.couplings.ofPipeline(id)
  return visibleCouplings(request, plane, couplings).map(({ appId }) => plane.store.apps.get(appId))
}

function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const account = accountOf(request)
  const { name, owner, generation } = bodyOf(request, NewPipeline)
  if (owner != null && (owner.type !== 'user' || owner.id !== account.id)) {
    throw problem('invalid_params', 'A pipeline of hokku is owned by the account that makes it.', {
      hint: 'Leave out --team. To give it away later: heroku pipelines:transfer EMAIL',
    })
  }
  if (generation?.name !== undefined && generation.name !== 'cedar') {
    throw problem('invalid_params', `There is no generation ${generation.name}: hokku is cedar.`)
  }
  const pipeline = plane.store.transaction(() => {
    checkName(plane, name)
    return plane.store.pipelines.create(name, account.id)
  })
  return reply.code(201).send(pipelineShape(pipeline))
}

/** Only the pipeline changes hands: its apps stay with their owners, who are named if they differ. */
function transfer(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const body = bodyOf(request, NewTransfer)
  const pipeline = pipelineNamed(request, plane, body.pipeline.id, 'own')
  if (body.new_owner.type !== 'user') {
    throw problem('invalid_params', 'There are no teams on hokku: give the e-mail of a person.')
  }
  const recipient = store.accounts.find(body.new_owner.id)
  if (recipient === undefined) throw problem('not_found', `Couldn't find that account.`)
  store.pipelines.update(pipeline.id, { ownerId: recipient.id })
  return reply.code(201).send({
    pipeline: { id: pipeline.id },
    previous_owner: { id: pipeline.ownerId, type: 'user' },
    new_owner: { id: recipient.id, type: 'user' },
  })
}

function checkName({ store }: Plane, name: string): void {
  if (!/^[a-z][a-z0-9-]{2,29}$/.test(name)) {
    throw problem(
      'invalid_params',
      `The name "${name}" is not valid: it must start with a letter, have 3 to 30 characters, ` +
        `and only lowercase letters, digits and dashes.`,
    )
  }
  if (store.pipelines.find(name) !== undefined) {
    throw problem('invalid_params', `A pipeline named ${name} already exists.`)
  }
}

const pipelineShape = (pipeline: Pipeline) => ({
  id: pipeline.id,
  name: pipeline.name,
  owner: { id: pipeline.ownerId, type: 'user' },
  generation: { id: GENERATION_ID, name: 'cedar' },
  created_at: pipeline.createdAt,
  updated_at: pipeline.updatedAt,
})

const Owner = z.strictObject({ id: z.string(), type: z.string() })
const NewPipeline = z.strictObject({
  name: z.string(),
  owner: Owner.nullish(),
  generation: z.strictObject({ name: z.string().optional(), id: z.string().optional() }).nullish(),
})
/** The official CLI sends the name along. */
const PipelineRemoval = z.strictObject({ name: z.string().optional() })
const PipelineUpdate = z.strictObject({ name: z.string().optional() })
const NewTransfer = z.strictObject({
  pipeline: z.strictObject({ id: z.string() }),
  new_owner: Owner,
})
