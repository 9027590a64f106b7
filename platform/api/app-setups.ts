import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type App, type AppSetup, type Build } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { createApp, placeOf, PlaceReference } from './apps.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import { truth } from './numeric.ts'
import type { Plane } from './plane.ts'
import { baseUrl } from './urls.ts'

/**
 * A new app from a source: what the Heroku button, Terraform and review apps ask for. The first build
 * of the app does what its `app.json` says: config vars, add-ons, formation, postdeploy.
 *
 * @see https://devcenter.heroku.com/articles/platform-api-reference#app-setup
 */
export const appSetupRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.post(
    '/app-setups',
    takes(NewSetup),
    async (request, reply) => await create(request, reply, plane),
  )
  api.get('/app-setups/:setup', (request) => {
    const id = pathParam(request, 'setup')
    const setup = store.appSetups.find(id)
    if (setup?.accountId === accountOf(request).id) return setupShape(setup, plane, request)
    throw problem('not_found', `Couldn't find that app setup.`, {
      details: { resource: 'app_setup' },
    })
  })
}

async function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const body = bodyOf(request, NewSetup)
  const { name, stack, region } = body.app ?? {}
  const app = createApp(plane, accountOf(request).id, name ?? undefined, placeOf({ stack, region }))
  const setup = startSetup(plane, app, {
    accountId: accountOf(request).id,
    source: { url: body.source_blob.url, version: body.source_blob.version ?? null },
    env: body.overrides?.env ?? {},
    buildpacks: body.overrides?.buildpacks?.map(({ url }) => url),
  })
  await plane.route()
  return reply.code(202).send(setupShape(setup, plane, request))
}

/** What a new app is built from, and what is set before its first build. */
export type SetupSource = Readonly<{
  accountId: string
  source: Readonly<{ url: string; version: string | null }>
  env: Readonly<Record<string, string>>
  buildpacks?: readonly string[] | undefined
}>

/** Sets the vars that are given and starts the first build; the app is gone again if that fails to start. */
export function startSetup(plane: Plane, app: App, request: SetupSource): AppSetup {
  const { store, builds } = plane
  const { accountId, source, env, buildpacks } = request
  for (const [name, value] of Object.entries(env)) {
    store.configVars.set(app.id, { name, value, attachmentId: null })
  }
  const build = builds.start({
    app,
    accountId,
    source: { kind: 'tarball', url: source.url },
    sourceVersion: source.version,
    ...(buildpacks !== undefined && { buildpacks }),
  })
  return store.appSetups.create({ appId: app.id, accountId, buildId: build.id })
}

/** A setup is where its build and the release of that are. */
function setupShape(setup: AppSetup, plane: Plane, request: FastifyRequest) {
  const { store, builds } = plane
  const app = store.apps.get(setup.appId)
  const build = setup.buildId === null ? undefined : builds.find(app.id, setup.buildId)
  const { status, failure } = setupStatus(build, app, plane)
  return {
    id: setup.id,
    app: appReference(app),
    build:
      build === undefined
        ? null
        : {
            id: build.id,
            status: build.status,
            output_stream_url: `${baseUrl(request)}/build-output/${build.outputSecret}`,
          },
    status,
    failure_message: failure,
    manifest_errors: [],
    postdeploy: null,
    resolved_success_url: null,
    created_at: setup.createdAt,
    updated_at: build?.updatedAt ?? setup.updatedAt,
  }
}

/** As the build, until there is a release that must come through as well. */
export function setupStatus(
  build: Build | undefined,
  app: App,
  { store }: Plane,
): { status: Build['status']; failure: string | null } {
  if (build === undefined || build.status === 'failed') {
    return { status: 'failed', failure: build?.failure ?? 'The build is gone.' }
  }
  const release =
    build.releaseId === null ? undefined : store.releases.find(app.id, build.releaseId)
  if (build.status === 'pending' || release?.status === 'pending') {
    return { status: 'pending', failure: null }
  }
  return release?.status === 'failed'
    ? { status: 'failed', failure: 'The release command failed.' }
    : { status: 'succeeded', failure: null }
}

const SetupApp = z.strictObject({
  name: z.string().nullish(),
  stack: PlaceReference.nullish(),
  region: PlaceReference.nullish(),
  organization: unsupported('hokku has no teams: leave it out'),
  space: unsupported('hokku has no private spaces: leave it out'),
  locked: unsupported('hokku does not lock apps: leave it out'),
  /** All apps are. */
  personal: truth.nullish(),
})
const NewSetup = z.strictObject({
  app: SetupApp.nullish(),
  source_blob: z.strictObject({
    url: z.string().max(8192),
    version: z.string().max(256).nullish(),
    checksum: unsupported('hokku does not check sources of a setup: leave it out'),
  }),
  overrides: z
    .strictObject({
      env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(64 * 1024)).nullish(),
      buildpacks: z.array(z.strictObject({ url: z.string() })).nullish(),
    })
    .nullish(),
})
