import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type Account, type Pipeline, type PipelineCoupling } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Plane } from './plane.ts'

/** Pipelines that an account owns, or that an app of its is in. */
export function pipelinesOf(account: Account, { store }: Plane): Pipeline[] {
  const mine = new Set(store.apps.ofAccount(account.id).map(({ id }) => id))
  const shared = new Set(
    store.pipelines.couplings
      .list()
      .filter(({ appId }) => mine.has(appId))
      .map(({ pipelineId }) => pipelineId),
  )
  return store.pipelines
    .list()
    .filter(({ id, ownerId }) => ownerId === account.id || shared.has(id))
}

/**
 * The pipeline that a path or body names, by name or id. Who shares an app of it may see it; only
 * its owner may change it.
 *
 * @throws Problem `not_found`, `forbidden`
 */
export function pipelineNamed(
  request: FastifyRequest,
  plane: Plane,
  key: string,
  act: 'see' | 'own' = 'see',
): Pipeline {
  const account = accountOf(request)
  const pipeline = pipelinesOf(account, plane).find(({ id, name }) => id === key || name === key)
  if (pipeline === undefined) {
    throw problem('not_found', `Couldn't find that pipeline.`, {
      details: { resource: 'pipeline' },
    })
  }
  if (act === 'own' && pipeline.ownerId !== account.id) {
    throw problem('forbidden', `Only the owner of the pipeline ${pipeline.name} may do that.`)
  }
  return pipeline
}

/** The pipeline in a path. */
export function pipelineOf(
  request: FastifyRequest,
  plane: Plane,
  act: 'see' | 'own' = 'see',
): Pipeline {
  const key = pathParam(request, 'pipeline')
  return pipelineNamed(request, plane, key, act)
}

/** Couplings whose app the account may use; those of others stay unseen, as on Heroku. */
export function visibleCouplings(
  request: FastifyRequest,
  { store }: Plane,
  couplings: readonly PipelineCoupling[],
): PipelineCoupling[] {
  const mine = new Set(store.apps.ofAccount(accountOf(request).id).map(({ id }) => id))
  return couplings.filter(({ appId }) => mine.has(appId))
}

/** Clients name things by a text, or by `{ id }` or `{ name }`. */
export const Reference = z
  .union([z.string(), z.strictObject({ id: z.string().optional(), name: z.string().optional() })])
  .transform((given) => (typeof given === 'string' ? given : (given.id ?? given.name ?? '')))
