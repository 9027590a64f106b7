import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { gigabytes, LFS_LIMITS, LfsObjects, type LfsObject } from '../git/index.ts'
import { freeSpace } from '../sandbox/index.ts'
import { problem, type App } from '../store/index.ts'
import { accessibleApp, unauthorized } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import type { Plane } from './plane.ts'
import { baseUrl } from './urls.ts'

/**
 * Git LFS at `/<app>.git/info/lfs/…`: clients ask by a batch where files are, then send or fetch
 * them one by one.
 *
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
export const lfsRoutes: Routes = (api, plane) => {
  void api.register((scope, _options, done) => {
    scope.addContentTypeParser(
      LFS_JSON,
      { parseAs: 'string' },
      scope.getDefaultJsonParser('error', 'error'),
    )
    const options = {
      config: { public: true, ...takes(Batch).config },
      // Who may not see the app gets no answer about the body either.
      onRequest: async (request: FastifyRequest, reply: FastifyReply) =>
        void repositoryApp(request, reply, plane),
    }
    scope.post('/:repository/info/lfs/objects/batch', options, (request, reply) =>
      batch(request, reply, plane),
    )
    done()
  })
  void api.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, body, parsed) => parsed(null, body))
    const path = '/:repository/info/lfs/objects/:oid'
    scope.put(path, { config: { public: true } }, async (request, reply) => {
      const app = repositoryApp(request, reply, plane)
      const body = (request.body as Readable | undefined) ?? request.raw
      await objectsOf(app, plane).receive(pathParam(request, 'oid'), body)
      return reply.send({})
    })
    scope.get(path, { config: { public: true } }, async (request, reply) => {
      const objects = objectsOf(repositoryApp(request, reply, plane), plane)
      const oid = pathParam(request, 'oid')
      const size = await objects.sizeOf(oid)
      if (size === undefined) throw notHere(oid)
      reply.header('content-length', size).type('application/octet-stream')
      return reply.send(objects.read(oid))
    })
    done()
  })
}

const LFS_JSON = 'application/vnd.git-lfs+json'

/** Other clients send more than we use. */
const Batch = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string()).optional(),
  hash_algo: z.literal('sha256').optional(),
  objects: z
    .array(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }))
    // git-lfs asks for a hundred at a time.
    .max(1000),
})

async function batch(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const app = repositoryApp(request, reply, plane)
  const { operation, objects } = bodyOf(request, Batch)
  // It ends here, before the files are sent.
  if (operation === 'upload') accessibleApp(request, app.id, plane.store, 'deploy')
  const kept = objectsOf(app, plane)
  const { authorization = '' } = request.headers
  const action = ({ oid }: LfsObject) => ({
    href: `${baseUrl(request)}/${app.name}.git/info/lfs/objects/${oid}`,
    header: { authorization },
  })
  const room = operation === 'upload' ? await roomFor(kept, plane) : 0
  const answers = await Promise.all(
    objects.map(async (object) => {
      const isHere = (await kept.sizeOf(object.oid)) !== undefined
      if (operation === 'download') {
        return isHere
          ? { ...object, authenticated: true, actions: { download: action(object) } }
          : { ...object, error: { code: 404, message: notHere(object.oid).message } }
      }
      if (isHere) return object
      const refused = refusal(object, room)
      return refused === undefined
        ? { ...object, authenticated: true, actions: { upload: action(object) } }
        : { ...object, error: { code: 422, message: refused } }
    }),
  )
  reply.type(LFS_JSON)
  return reply.send(JSON.stringify({ transfer: 'basic', objects: answers, hash_algo: 'sha256' }))
}

/** Bytes that may still come: of the app's own share, and of the disk. */
async function roomFor(kept: LfsObjects, { config }: Plane): Promise<number> {
  const free = await freeSpace(config.home.root)
  const own = LFS_LIMITS.appBytesMax - (await kept.totalBytes())
  return Math.min(own, free.bytes - DISK_BYTES_KEPT)
}

/** What a build needs to begin. */
const DISK_BYTES_KEPT = 1024 ** 3

function refusal({ size }: LfsObject, room: number): string | undefined {
  if (size > LFS_LIMITS.objectBytesMax) {
    return `A file of Git LFS may have at most ${gigabytes('objectBytesMax')}. Put it into a bucket: heroku addons:create bucketeer`
  }
  if (size <= room) return undefined
  return `There is no room for it: an app may keep ${gigabytes('appBytesMax')} of LFS files, and the disk must keep 1 GB free.`
}

const objectsOf = (app: App, { config }: Plane): LfsObjects => new LfsObjects(config.home, app.id)

const notHere = (oid: string) =>
  problem('not_found', `The LFS object ${oid.slice(0, 12)} is not here.`, {
    hint: 'Upload it from a clone that has it: git lfs push --all heroku',
  })

/** The app of the address. git-lfs asks its user for a token when it gets a 401. */
function repositoryApp(request: FastifyRequest, reply: FastifyReply, { store }: Plane): App {
  if (request.holder === null) {
    reply.header('www-authenticate', 'Basic realm="hokku"')
    reply.header('lfs-authenticate', 'Basic realm="hokku"')
    throw unauthorized()
  }
  return accessibleApp(request, pathParam(request, 'repository').replace(/\.git$/, ''), store)
}
