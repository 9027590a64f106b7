import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import {
  problem,
  type App,
  type PipelinePromotion,
  type PromotionTarget,
  type Release,
  type Slug,
} from '../store/index.ts'
import { accessibleApp, accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { pipelineNamed } from './pipeline-access.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/**
 * A promotion releases the slug of one app of a pipeline in others of it, as it is: nothing is
 * built again. Each target runs its own release phase, and keeps its own config vars.
 *
 * @see https://devcenter.heroku.com/articles/platform-api-reference#pipeline-promotion
 */
export const pipelinePromotionRoutes: Routes = (api, plane) => {
  const { promotions } = plane.store.pipelines

  api.post('/pipeline-promotions', takes(NewPromotion), (request, reply) =>
    promote(request, reply, plane),
  )
  api.get('/pipeline-promotions/:promotion', (request) =>
    promotionShape(promotionOf(request, plane), plane),
  )
  api.get('/pipeline-promotions/:promotion/promotion-targets', (request, reply) => {
    const targets = promotions.targets(promotionOf(request, plane).id)
    return sendList(
      request,
      reply,
      targets.map((target) => targetShape(target, plane)),
    )
  })
}

function promote(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const account = accountOf(request)
  const body = bodyOf(request, NewPromotion)
  const pipeline = pipelineNamed(request, plane, body.pipeline.id)
  const coupled = (key: string): App => {
    const app = accessibleApp(request, key, store, 'deploy')
    if (store.pipelines.couplings.ofApp(app.id)?.pipelineId === pipeline.id) return app
    throw problem('invalid_params', `${app.name} is not in the pipeline ${pipeline.name}.`, {
      hint: `Add it with: heroku pipelines:add ${pipeline.name} -a ${app.name} -s STAGE`,
    })
  }
  const source = coupled(body.source.app.id)
  const { release, slug } = sourceOf(source, body.source.release?.id, plane)
  const targets = body.targets.map(({ app }) => coupled(app.id))
  if (targets.some(({ id }) => id === source.id)) {
    throw problem('invalid_params', `${source.name} cannot be promoted to itself.`)
  }
  const promotion = store.transaction(() => {
    const made = store.pipelines.promotions.create({
      pipelineId: pipeline.id,
      sourceAppId: source.id,
      sourceReleaseId: release.id,
    })
    const description = `Promote ${source.name} v${release.version}${commitOf(slug)}`
    for (const target of targets) {
      const { id } = releaseIn(target, slug, { description, accountId: account.id }, plane)
      store.pipelines.promotions.addTarget(made.id, { appId: target.id, releaseId: id })
    }
    return made
  })
  return reply.code(201).send(promotionShape(promotion, plane))
}

const commitOf = ({ commit }: Slug): string => (commit === null ? '' : ` ${commit.slice(0, 8)}`)

/** What is promoted: the release given, or the one that runs. */
function sourceOf(
  app: App,
  key: string | undefined,
  { store }: Plane,
): { release: Release; slug: Slug } {
  const release =
    key === undefined ? store.releases.current(app.id) : store.releases.find(app.id, key)
  if (release === undefined && key !== undefined) {
    throw problem('not_found', `Couldn't find that release of ${app.name}.`)
  }
  const slug = release?.slugId == null ? undefined : store.slugs.find(release.slugId)
  if (release === undefined || slug === undefined || slug.manifest === null) {
    throw problem('invalid_params', `${app.name} has nothing to promote: no code runs there yet.`, {
      hint: `Deploy to ${app.name} first: git push heroku main`,
    })
  }
  if (release.status !== 'succeeded') {
    throw problem('invalid_params', `v${release.version} of ${app.name} is ${release.status}.`, {
      hint: 'Promote a release that succeeded.',
    })
  }
  return { release, slug }
}

/** The same layers under the target's own name: they lie on disk once. */
function releaseIn(
  target: App,
  { id: _id, createdAt: _made, updatedAt: _changed, ...slug }: Slug,
  request: Readonly<{ description: string; accountId: string }>,
  { store, releases }: Plane,
): Release {
  const copy = store.slugs.create({ ...slug, appId: target.id })
  return releases.create({
    ...request,
    appId: target.id,
    slugId: copy.id,
    releasePhase: true,
  })
}

function promotionOf(request: FastifyRequest, plane: Plane): PipelinePromotion {
  const id = pathParam(request, 'promotion')
  const promotion = plane.store.pipelines.promotions.find(id)
  if (promotion === undefined) {
    throw problem('not_found', `Couldn't find that pipeline promotion.`, {
      details: { resource: 'pipeline_promotion' },
    })
  }
  pipelineNamed(request, plane, promotion.pipelineId)
  return promotion
}

function promotionShape(promotion: PipelinePromotion, plane: Plane) {
  const targets = plane.store.pipelines.promotions.targets(promotion.id)
  const isOver = targets.every((target) => statusOf(target, plane) !== 'pending')
  return {
    id: promotion.id,
    pipeline: { id: promotion.pipelineId },
    source: { app: { id: promotion.sourceAppId }, release: { id: promotion.sourceReleaseId } },
    status: isOver ? 'completed' : 'pending',
    created_at: promotion.createdAt,
    updated_at: promotion.updatedAt,
  }
}

function targetShape(target: PromotionTarget, plane: Plane) {
  const status = statusOf(target, plane)
  return {
    id: target.id,
    app: { id: target.appId },
    pipeline_promotion: { id: target.promotionId },
    release: target.releaseId === null ? null : { id: target.releaseId },
    status,
    error_message: status === 'failed' ? (target.errorMessage ?? PHASE_FAILED) : null,
  }
}

const PHASE_FAILED = 'The release command failed. See it with: heroku releases:output'

/** A target is where its release is. */
function statusOf({ appId, releaseId }: PromotionTarget, { store }: Plane) {
  const release = releaseId === null ? undefined : store.releases.find(appId, releaseId)
  if (release === undefined || release.status === 'expired') return 'failed'
  return release.status
}

const Reference = z.strictObject({ id: z.string() })
const NewPromotion = z.strictObject({
  pipeline: Reference,
  source: z.strictObject({ app: Reference, release: Reference.nullish() }),
  targets: z
    .array(z.strictObject({ app: Reference }))
    .min(1)
    .max(100),
})
