import { Readable } from 'node:stream'
import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type Secrets, type Slug, type Store } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { stackOf } from './app-shape.ts'
import { checkStack } from './apps.ts'
import { bodyOf, takes } from './body.ts'
import { addUpload } from './uploads.ts'
import { baseUrl } from './urls.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#slug */
export const slugRoutes: Routes = (api, plane) => {
  const { store, slugs } = plane

  api.get('/apps/:app/slugs/:slug', (request) => {
    const app = appOf(request, store)
    const id = pathParam(request, 'slug')
    const slug = store.slugs.find(id)
    if (slug?.appId !== app.id) throw slugNotFound()
    return slugShape(slug, 'get', store.secrets, request)
  })
  api.post('/apps/:app/slugs', takes(NewSlug), (request, reply) => {
    const app = appOf(request, store)
    const body = bodyOf(request, NewSlug)
    const slug = store.slugs.create({
      appId: app.id,
      commit: body.commit ?? null,
      commitDescription: body.commit_description ?? null,
      buildpackDescription: body.buildpack_provided_description ?? null,
      checksum: body.checksum ?? null,
      size: null,
      stack: body.stack == null ? app.stack : checkStack(body.stack),
      processTypes: body.process_types,
      manifest: null,
    })
    return reply.code(201).send(slugShape(slug, 'put', store.secrets, request))
  })

  addUpload(api, '/slugs/:secret', async (request, body) => {
    await slugs.receive(slugBehind(request, 'put', store), body, SLUG_BYTES_MAX)
  })
  api.get('/slugs/:secret', { config: { public: true } }, (request, reply) => {
    const slug = slugBehind(request, 'get', store)
    if (slug.manifest === null) throw slugNotFound()
    const body = Readable.from(slugs.send(slug), { objectMode: false })
    return reply.type('application/gzip').send(body)
  })
}

/** As for slugs that are built here: Heroku's limit. */
const SLUG_BYTES_MAX = 500 * 1024 * 1024

const NewSlug = z.strictObject({
  process_types: z.record(z.string().regex(/^[\w-]{1,63}$/), z.string().min(1)),
  stack: z.string().nullish(),
  commit: z.string().max(256).nullish(),
  commit_description: z.string().max(4096).nullish(),
  buildpack_provided_description: z.string().max(256).nullish(),
  checksum: z
    .string()
    .regex(/^SHA256:[0-9a-fA-F]{64}$/)
    .nullish(),
})

const slugNotFound = () =>
  problem('not_found', `Couldn't find that slug.`, { details: { resource: 'slug' } })

/** A slug's content is at an address that only we can make: its id, sealed for one direction. */
function slugShape(slug: Slug, method: 'get' | 'put', secrets: Secrets, request: FastifyRequest) {
  const secret = Buffer.from(secrets.seal(slug.id, `slug/${method}`)).toString('base64url')
  return {
    id: slug.id,
    blob: { method, url: `${baseUrl(request)}/slugs/${secret}` },
    buildpack_provided_description: slug.buildpackDescription,
    checksum: slug.checksum,
    commit: slug.commit,
    commit_description: slug.commitDescription,
    process_types: slug.processTypes,
    size: slug.size,
    stack: stackOf(slug.stack),
    created_at: slug.createdAt,
    updated_at: slug.updatedAt,
  }
}

function slugBehind(request: FastifyRequest, method: 'get' | 'put', store: Store): Slug {
  const secret = pathParam(request, 'secret')
  const slug = store.slugs.find(openSecret(secret, method, store.secrets) ?? '')
  if (slug === undefined) throw slugNotFound()
  return slug
}

function openSecret(secret: string, method: string, secrets: Secrets): string | undefined {
  try {
    return secrets.open(Buffer.from(secret, 'base64url'), `slug/${method}`)
  } catch {
    return undefined
  }
}
