import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'

const BODY = randomBytes(1024 * 1024)
const OBJECTS = 150
const CONNECTIONS = 4
const ROUNDS = 5

export type StorageFigures = Readonly<{
  where: string
  verb: 'PUT' | 'GET'
  oursPerS: number
  nginxPerS: number
  /** Median over rounds of ours by nginx's, each round one after the other. */
  ratio: number
}>

/**
 * The same client with the same bytes against both, in turns. nginx answers a PUT before anything is
 * on disk, we after: in memory, where syncing costs nothing, they do the same.
 */
export async function measureStorage(): Promise<StorageFigures[]> {
  return [
    ...(await measureIn(tmpdir(), 'on disk (we sync, nginx does not)')),
    ...(existsSync('/dev/shm') ? await measureIn('/dev/shm', 'in memory (like for like)') : []),
  ]
}

async function measureIn(folder: string, where: string): Promise<StorageFigures[]> {
  const nginx = await startNginx(folder)
  const storage = await startStorage(folder)
  const { client } = storage
  const at = (i: number) => ({ Bucket: 'bench', Key: `o${i}` })
  const urls: Readonly<{ ours: Record<'PUT' | 'GET', string[]>; nginx: string[] }> = {
    ours: { PUT: [], GET: [] },
    nginx: [],
  }
  for (let i = 0; i < OBJECTS; i++) {
    urls.ours.PUT.push(await getSignedUrl(client, new PutObjectCommand(at(i))))
    urls.ours.GET.push(await getSignedUrl(client, new GetObjectCommand(at(i))))
    urls.nginx.push(`${nginx.url}/o${i}`)
  }
  const results = []
  for (const verb of ['PUT', 'GET'] as const) {
    const rounds = []
    // One before it counts: code is compiled, folders are made.
    for (let round = 0; round <= ROUNDS; round++) {
      const theirs = await rate(verb, urls.nginx)
      const ours = await rate(verb, urls.ours[verb])
      if (round > 0) rounds.push({ ours, theirs, ratio: ours / theirs })
    }
    results.push({
      where,
      verb,
      oursPerS: Math.round(median(rounds.map(({ ours }) => ours))),
      nginxPerS: Math.round(median(rounds.map(({ theirs }) => theirs))),
      ratio: median(rounds.map(({ ratio }) => ratio)),
    })
  }
  nginx.stop()
  storage.stop()
  return results
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function rate(method: 'PUT' | 'GET', urls: readonly string[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const queue = [...urls]
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let url = queue.pop(); url !== undefined; url = queue.pop())
        await send(method, url, agent)
    }),
  )
  agent.destroy()
  return urls.length / ((performance.now() - startedAt) / 1000)
}

const send = (method: 'PUT' | 'GET', url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, agent }, (response) => {
      let size = 0
      response.on('data', (chunk: Buffer) => (size += chunk.length))
      response.on('end', () => {
        const isGood =
          (response.statusCode ?? 500) < 300 && (method === 'PUT' || size === BODY.length)
        if (isGood) resolve()
        else reject(new Error(`${method} ${url}: ${response.statusCode}, ${size} bytes`))
      })
    })
    sent.on('error', reject)
    if (method === 'PUT') sent.setHeader('content-length', BODY.length)
    sent.end(method === 'PUT' ? BODY : undefined)
  })

/** Our server in its own process, as it runs on the platform. */
async function startStorage(parent: string) {
  const folder = mkdtempSync(join(parent, 'hokku-bench-s3-'))
  const token = randomBytes(16).toString('hex')
  writeFileSync(join(folder, 'token'), token)
  const port = await freePort()
  const main = join(import.meta.dirname, '../../platform/object-storage/main.ts')
  const env = {
    HOKKU_OBJECT_STORAGE_DIRECTORY: folder,
    HOKKU_OBJECT_STORAGE_PORT: String(port),
    UV_THREADPOOL_SIZE: '16',
  }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const endpoint = `http://127.0.0.1:${port}`
  const credentials = { accessKeyId: 'HKBENCHBENCHBENCH1', secretAccessKey: 'x'.repeat(40) }
  const body = JSON.stringify({ quotaBytes: 1e12, ...credentials })
  const headers = { authorization: `Bearer ${token}` }
  for (let i = 0; i < 200; i++) {
    const made = await fetch(`${endpoint}/-/buckets/bench`, { method: 'PUT', headers, body }).catch(
      () => undefined,
    )
    if (made?.ok) break
    await sleep(100)
  }
  return {
    client: new S3Client({
      endpoint,
      region: 'us-east-1',
      credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    }),
    stop: () => {
      child.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startNginx(parent: string) {
  const folder = mkdtempSync(join(parent, 'hokku-bench-nginx-'))
  mkdirSync(join(folder, 'objects'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
     user root; events {} http { access_log off; sendfile on; client_max_body_size 10m;
     client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
     uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
     server { listen 127.0.0.1:${port}; location / { root ${folder}/objects; dav_methods PUT; } } }`,
  )
  const child = spawn('/usr/sbin/nginx', ['-c', file, '-p', folder], { stdio: 'inherit' })
  await sleep(500)
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      child.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
