import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { pathParam, queryParam } from '@hokku/kit/request-params'
import { judgePushes } from '../builds/index.ts'
import {
  advertiseRefs,
  isGitService,
  prepareRepository,
  receivePack,
  repositoryOf,
  repositorySize,
  settleHead,
  uploadPack,
  type Repository,
} from '../git/index.ts'
import { freeSpace, RESERVE } from '../sandbox/index.ts'
import type { App } from '../store/index.ts'
import { accessibleApp, accountOf } from './access.ts'
import type { Routes } from './api.ts'
import type { Plane } from './plane.ts'

/** git's smart HTTP protocol at `/<app>.git/…`. Git asks for credentials when it gets a 401. */
export const gitRoutes: Routes = (api, plane) => {
  for (const service of ['git-receive-pack', 'git-upload-pack']) {
    api.addContentTypeParser(`application/x-${service}-request`, (_request, body, done) =>
      done(null, body),
    )
  }
  // Git is answered 401 by `appAt`, in plain text.
  const options = { config: { public: true } }
  api.get('/:repository/info/refs', options, (request, reply) => refs(request, reply, plane))
  api.post('/:repository/git-receive-pack', options, (request, reply) =>
    receive(request, reply, plane),
  )
  api.post('/:repository/git-upload-pack', options, (request, reply) =>
    upload(request, reply, plane),
  )
}

async function refs(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const service = queryParam(request, 'service')
  if (!isGitService(service)) {
    return reply.code(403).type('text/plain').send('This server speaks smart HTTP only.\n')
  }
  const found = await repositoryAt(request, reply, plane)
  if (found === undefined) return reply
  if (service === 'git-receive-pack' && (await roomFor(found, plane)) <= 0) {
    return reply.code(507).type('text/plain').send(noRoom(found.app.name))
  }
  const answer = open(reply, `application/x-${service}-advertisement`)
  await advertiseRefs(found.repository, service, { answer, protocol: protocolOf(request) })
  return reply
}

async function receive(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const found = await repositoryAt(request, reply, plane)
  if (found === undefined) return reply
  const judge = judgePushes(found.app, accountOf(request).id, plane.builds)
  const body = bodyOf(request)
  const bytesMax = await roomFor(found, plane)
  const answer = open(reply, 'application/x-git-receive-pack-result')
  const protocol = protocolOf(request)
  await receivePack(found.repository, { body, answer, protocol, bytesMax }, judge)
  await settle(found, plane)
  return reply
}

async function upload(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const found = await repositoryAt(request, reply, plane)
  if (found === undefined) return reply
  const body = bodyOf(request)
  const answer = open(reply, 'application/x-git-upload-pack-result')
  await uploadPack(found.repository, { body, answer, protocol: protocolOf(request) })
  return reply
}

type AppRepository = Readonly<{ app: App; repository: Repository }>

/** The app and its repository; undefined after an answer that git shows its user. */
async function repositoryAt(
  request: FastifyRequest,
  reply: FastifyReply,
  plane: Plane,
): Promise<AppRepository | undefined> {
  const app = appAt(request, reply, plane)
  if (app === undefined) return undefined
  const repository = repositoryOf(plane.config.home, app.id)
  await prepareRepository(repository)
  return { app, repository }
}

function appAt(request: FastifyRequest, reply: FastifyReply, { store }: Plane): App | undefined {
  const name = pathParam(request, 'repository')
  if (request.holder === null) {
    reply.code(401).header('www-authenticate', 'Basic realm="hokku"')
    reply.type('text/plain').send('Log in with your API token as the password: heroku login\n')
    return undefined
  }
  try {
    const service = queryParam(request, 'service')
    // A push begins by a look at the refs: it ends here, before anything is packed and sent.
    const permission = service === 'git-receive-pack' ? 'deploy' : undefined
    return accessibleApp(request, name.replace(/\.git$/, ''), store, permission)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    reply
      .code(error.status)
      .type('text/plain')
      .send(`${[error.message, error.hint].filter(Boolean).join('\n')}\n`)
    return undefined
  }
}

/** How many bytes a push may bring: what the repository may grow, and the disk has to spare. */
async function roomFor({ repository }: AppRepository, { config }: Plane): Promise<number> {
  const free = await freeSpace(config.home.root)
  const ofRepository = REPOSITORY_BYTES_MAX - (await repositorySize(repository))
  return Math.min(ofRepository, free.bytes - RESERVE.bytes)
}

/** Four times what Heroku advises. */
const REPOSITORY_BYTES_MAX = 4 * 1024 ** 3

const noRoom = (name: string): string =>
  `There is no room for a push: the repository of ${name} has reached 4 GB, or the disk is nearly full.
Large files belong in a bucket. To start with an empty repository, create the app again.
`

/** Notes what a push has changed; the client does not wait for it. */
async function settle({ app, repository }: AppRepository, { store }: Plane): Promise<void> {
  await settleHead(repository)
  const repoSize = await repositorySize(repository)
  if (store.apps.find(app.id) !== undefined) store.apps.update(app.id, { repoSize })
}

/** From here on the answer is git's own: it must continue when the client has gone. */
function open(reply: FastifyReply, type: string): NodeJS.WritableStream & FastifyReply['raw'] {
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
    'x-accel-buffering': 'no',
  })
  reply.raw.flushHeaders()
  return reply.raw
}

/** Bodies have no limit: a repository is as large as it is, and streams to disk. */
function bodyOf(request: FastifyRequest): Readable {
  const body = request.body as Readable
  if (request.headers['content-encoding'] !== 'gzip') return body
  const gunzip = createGunzip()
  body.on('error', (error) => gunzip.destroy(error)).pipe(gunzip)
  return gunzip
}

const protocolOf = (request: FastifyRequest): string | undefined => {
  const value = request.headers['git-protocol']
  return typeof value === 'string' ? value : undefined
}
