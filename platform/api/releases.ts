import type { FastifyRequest } from '@hokku/kit/http'
import { Readable } from 'node:stream'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, renderConfig, type App, type Release } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'
import { baseUrl, type Asked } from './urls.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#release */
export const releaseRoutes: Routes = (api, plane) => {
  const { store, releases, addons } = plane
  const releaseOf = (request: FastifyRequest): { app: App; release: Release } => {
    const app = appOf(request, store)
    const key = pathParam(request, 'release')
    return { app, release: findRelease(plane, app, key) }
  }

  api.get('/apps/:app/releases', (request, reply) => {
    const app = appOf(request, store)
    const shapes = store.releases.list(app.id).map((r) => releaseShape(r, app, plane, request))
    return sendList(request, reply, shapes)
  })
  api.get('/apps/:app/releases/:release', (request) => {
    const { app, release } = releaseOf(request)
    return releaseShape(release, app, plane, request)
  })
  api.get('/apps/:app/releases/:release/config-vars', (request) =>
    renderConfig(store.releases.config(releaseOf(request).release), addons.endpoints()),
  )
  api.post('/apps/:app/releases', takes(NewRelease), (request, reply) => {
    const app = appOf(request, store)
    const accountId = accountOf(request).id
    const body = bodyOf(request, NewRelease)
    const release =
      body.release === undefined
        ? releaseSlug(plane, app, accountId, body)
        : rollback(plane, app, accountId, findRelease(plane, app, String(body.release)))
    return reply.code(201).send(releaseShape(release, app, plane, request))
  })

  api.get('/release-output/:secret', { config: { public: true } }, (request, reply) => {
    const secret = pathParam(request, 'secret')
    const release = store.releases.byOutputSecret(secret)
    if (release === undefined) throw problem('not_found', 'There is no such release output.')
    const gone = new AbortController()
    request.raw.on('close', () => gone.abort())
    return reply
      .type('text/plain; charset=utf-8')
      .send(Readable.from(releases.output(release, gone.signal)))
  })
}

/** A release as the API shows it. */
export function releaseShape(release: Release, app: App, plane: Plane, request: Asked) {
  const { store } = plane
  const slug = release.slugId === null ? undefined : store.slugs.find(release.slugId)
  const current = store.releases.current(app.id)
  return {
    id: release.id,
    version: release.version,
    description: release.description,
    status: release.status,
    current: current?.id === release.id,
    eligible_for_rollback: isEligible(release, slug?.manifest ?? null),
    created_at: release.createdAt,
    updated_at: release.updatedAt,
    user: { id: release.accountId, email: store.accounts.find(release.accountId)?.email ?? '' },
    app: appReference(app),
    slug: slug === undefined ? null : { id: slug.id },
    oci_image: null,
    addon_plan_names: release.addonPlans,
    output_stream_url:
      release.outputSecret === null
        ? null
        : `${baseUrl(request)}/release-output/${release.outputSecret}`,
  }
}

const isEligible = (release: Release, manifest: string | null): boolean =>
  release.status === 'succeeded' && manifest !== null

function findRelease({ store }: Plane, app: App, key: string): Release {
  const release = store.releases.find(app.id, key)
  if (release === undefined) {
    throw problem('not_found', `Couldn't find that release.`, { details: { resource: 'release' } })
  }
  return release
}

/** Releases a slug that is already there, e.g. to retry a failed release phase. */
function releaseSlug(
  { store, releases }: Plane,
  app: App,
  accountId: string,
  body: z.infer<typeof NewRelease>,
): Release {
  const slug = body.slug === undefined ? undefined : store.slugs.find(body.slug)
  if (slug === undefined || slug.appId !== app.id) {
    throw problem('not_found', `Couldn't find that slug.`, { details: { resource: 'slug' } })
  }
  if (slug.manifest === null) {
    throw problem('invalid_params', `Slug ${slug.id} has no content yet: upload it first.`)
  }
  const description = body.description ?? `Deploy ${(slug.commit ?? slug.id).slice(0, 8)}`
  return releases.create({
    appId: app.id,
    accountId,
    description,
    slugId: slug.id,
    releasePhase: true,
  })
}

/** A new release with the old slug and the old config vars; add-ons stay as they are. */
function rollback(
  { store, releases }: Plane,
  app: App,
  accountId: string,
  target: Release,
): Release {
  const manifest =
    target.slugId === null ? null : (store.slugs.find(target.slugId)?.manifest ?? null)
  if (!isEligible(target, manifest)) {
    throw problem(
      'invalid_params',
      `v${target.version} cannot be rolled back to: ${whyNot(target)}.`,
    )
  }
  return store.transaction(() => {
    const own = store.configVars.list(app.id).filter((entry) => entry.attachmentId === null)
    const taken = new Set(
      store.configVars.list(app.id).flatMap((entry) => (entry.attachmentId ? [entry.name] : [])),
    )
    for (const { name } of own) store.configVars.unset(app.id, name)
    for (const entry of store.releases.config(target)) {
      if (entry.attachmentId === null && !taken.has(entry.name)) store.configVars.set(app.id, entry)
    }
    return releases.create({
      appId: app.id,
      accountId,
      description: `Rollback to v${target.version}`,
      slugId: target.slugId,
      releasePhase: true,
    })
  })
}

function whyNot(release: Release): string {
  if (release.status !== 'succeeded') return `it is ${release.status}`
  return release.slugId === null ? 'nothing had been deployed then' : 'its slug is gone'
}

const NewRelease = z.strictObject({
  release: z.union([z.string(), z.number()]).optional(),
  slug: z.string().optional(),
  description: z.string().max(4096).optional(),
})
