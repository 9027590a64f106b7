import { Readable } from 'node:stream'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type App, type Build } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import { truth } from './numeric.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'
import { baseUrl, type Asked } from './urls.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#build */
export const buildRoutes: Routes = (api, plane) => {
  const { store, builds } = plane

  api.get('/apps/:app/builds', (request, reply) => {
    const app = appOf(request, store)
    const shapes = builds.list(app.id).map((build) => buildShape(build, app, plane, request))
    return sendList(request, reply, shapes)
  })
  api.get('/apps/:app/builds/:build', (request) => {
    const app = appOf(request, store)
    const id = pathParam(request, 'build')
    const build = builds.find(app.id, id)
    if (build === undefined) {
      throw problem('not_found', `Couldn't find that build.`, { details: { resource: 'build' } })
    }
    return buildShape(build, app, plane, request)
  })
  api.post('/apps/:app/builds', takes(NewBuild), (request, reply) => {
    const app = appOf(request, store)
    const body = bodyOf(request, NewBuild)
    const build = builds.start({
      app,
      accountId: accountOf(request).id,
      source: { kind: 'tarball', url: body.source_blob.url },
      sourceVersion: body.source_blob.version ?? null,
      ...(body.test === true && { isTest: true }),
      ...(body.buildpacks != null && { buildpacks: body.buildpacks.map(nameOf) }),
    })
    return reply.code(201).send(buildShape(build, app, plane, request))
  })
  for (const path of ['/apps/:app/builds/cache', '/apps/:app/build-cache']) {
    api.delete(path, async (request) => {
      await builds.purgeCache(appOf(request, store).id)
      return {}
    })
  }
  api.delete('/apps/:app/builds/:build', (request) => {
    const app = appOf(request, store)
    throw problem(
      'invalid_params',
      `A build of ${app.name} cannot be stopped: it ends by itself.`,
      {
        hint: 'Push again when it has ended; the newer release takes its place.',
      },
    )
  })

  api.get('/build-output/:secret', { config: { public: true } }, (request, reply) => {
    const secret = pathParam(request, 'secret')
    const build = store.builds.byOutputSecret(secret)
    if (build === undefined) throw problem('not_found', 'There is no such build output.')
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    return reply
      .type('text/plain; charset=utf-8')
      .send(Readable.from(builds.output(build, gone.signal), { objectMode: false }))
  })
}

const NewBuild = z.strictObject({
  source_blob: z.strictObject({
    url: z.string().max(8192),
    version: z.string().max(256).nullish(),
    version_description: unsupported('hokku keeps the version only: leave it out'),
    checksum: unsupported('hokku does not compare checksums: leave it out'),
  }),
  buildpacks: z
    .array(z.strictObject({ url: z.string().optional(), name: z.string().optional() }))
    .nullish(),
  /** Ours: `hokku ci:run` wants the tests to be run, and no release. */
  test: truth.nullish(),
})

const nameOf = ({ url, name }: { url?: string | undefined; name?: string | undefined }): string =>
  url ?? name ?? ''

/** A build as the API shows it. */
export function buildShape(build: Build, app: App, plane: Plane, request: Asked) {
  const { store } = plane
  return {
    id: build.id,
    app: appReference(app),
    buildpacks: build.buildpacks,
    output_stream_url: `${baseUrl(request)}/build-output/${build.outputSecret}`,
    release: build.releaseId === null ? null : { id: build.releaseId },
    slug: build.slugId === null ? null : { id: build.slugId },
    source_blob: {
      url: build.source.kind === 'tarball' ? build.source.url : '',
      version: build.sourceVersion,
      version_description: null,
      checksum: null,
    },
    stack: app.stack,
    status: build.status,
    /** Ours: why a failed build failed. */
    failure: build.failure,
    user: { id: build.accountId, email: store.accounts.find(build.accountId)?.email ?? '' },
    created_at: build.createdAt,
    updated_at: build.updatedAt,
  }
}
