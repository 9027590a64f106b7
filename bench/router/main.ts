import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { table } from '@hokku/kit/command-line'
import { portOf } from '@hokku/kit/port-of'
import { openAuthority } from '../../platform/certificates/index.ts'
import { openRouterLink, type RoutedApp } from '../../platform/router/index.ts'
import { cpuMicros, freePort, listening, residentMb, startNginx } from './processes.ts'
import { wrk, type Load } from './wrk.ts'

/**
 * `node bench/router/main.ts [rounds]`: CPU that the router needs for a request, as a ratio to
 * nginx as a reverse proxy in the same run. The router writes its log line for each request, nginx
 * writes none. Then swaps under load, which must fail no request. Linux; needs nginx and wrk.
 */
const ROUNDS = Number(process.argv[2] ?? 5)
const SECONDS = 3

const folder = mkdtempSync(join(tmpdir(), 'hokku-bench-router-'))
const [backend, plain, secure, port] = await Promise.all([
  freePort(),
  freePort(),
  freePort(),
  freePort(),
])
// nginx's workers are another user.
chmodSync(folder, 0o755)
writeFileSync(join(folder, 'small'), 'x'.repeat(1024))
writeFileSync(join(folder, 'large'), 'x'.repeat(100 * 1024))
const authority = await openAuthority(join(folder, 'certificates'))
const { certFile } = await authority.leafFiles('demo.localhost')

const server = await startNginx(
  folder,
  'backend',
  backend,
  `server { listen 127.0.0.1:${backend}; root ${folder}; }`,
)
const proxy = await startNginx(folder, 'proxy', plain, proxyConfig())
// The first start fills the compile cache, as the first `hokku up` does.
await stop(await startRouter())
const router = await startRouter()
const link = openRouterLink(join(folder, 'run', 'router.sock'))
try {
  await link.publish([appAt('backend', backend)])
  const idle = residentMb(router.pid ?? 0)
  const rows = [
    [
      '',
      'nginx µs',
      'hokku µs',
      'ratio',
      'nginx req/s',
      'hokku req/s',
      'nginx p50/p99',
      'hokku p50/p99',
    ],
    await compare('1 KiB', `http://127.0.0.1:${plain}/small`, `http://127.0.0.1:${port}/small`),
    await compare('100 KiB', `http://127.0.0.1:${plain}/large`, `http://127.0.0.1:${port}/large`),
    await compare(
      '1 KiB, TLS',
      `https://127.0.0.1:${secure}/small`,
      `https://127.0.0.1:${port}/small`,
    ),
  ]
  console.log(`CPU (user + system) per request, median of ${ROUNDS} runs of ${SECONDS} s\n`)
  console.log(table(rows))
  console.log(
    `\nrouter: ${idle.toFixed(0)} MB resident before the load, ${residentMb(router.pid ?? 0).toFixed(0)} MB after`,
  )
  await swaps()
} finally {
  await link.close()
  await Promise.all([router, proxy.child, server.child].map(stop))
  rmSync(folder, { recursive: true, force: true })
}

async function startRouter(): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '../../platform/router/main.ts')
  const env = {
    ...process.env,
    HOKKU_HOME: folder,
    HOKKU_PORT: String(port),
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
  }
  const child = spawn(process.execPath, [main], { env, stdio: 'ignore' })
  await listening(port)
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

function proxyConfig(): string {
  return `upstream app { server 127.0.0.1:${backend}; keepalive 64; keepalive_requests 100000000; }
    server {
      listen 127.0.0.1:${plain}; listen 127.0.0.1:${secure} ssl;
      ssl_certificate ${certFile}; ssl_certificate_key ${certFile};
      location / {
        proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_set_header Host $host; proxy_set_header X-Request-Id $request_id;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
      }
    }`
}

function appAt(id: string, at: number): RoutedApp {
  return {
    id: '00000000-0000-0000-0000-000000000000',
    name: 'demo',
    hosts: ['demo.localhost'],
    state: 'live',
    maintenance: false,
    maintenancePageUrl: null,
    errorPageUrl: null,
    instances: [{ id, dyno: 'web.1', host: '127.0.0.1', port: at }],
  }
}

type Run = Load & { micros: number }

/** Runs take turns, so that both meet the same neighbors. */
async function compare(name: string, peerUrl: string, ownUrl: string): Promise<string[]> {
  const peer: Run[] = []
  const own: Run[] = []
  for (let round = 0; round < ROUNDS; round++) {
    peer.push(await measure(proxy.worker, peerUrl))
    own.push(await measure(router.pid ?? 0, ownUrl))
  }
  const [a, b] = [median(peer), median(own)]
  return [
    name,
    a.micros.toFixed(1),
    b.micros.toFixed(1),
    (b.micros / a.micros).toFixed(2),
    a.perSecond.toFixed(0),
    b.perSecond.toFixed(0),
    `${a.p50} / ${a.p99}`,
    `${b.p50} / ${b.p99}`,
  ]
}

async function measure(pid: number, url: string): Promise<Run> {
  const before = cpuMicros(pid)
  const load = await wrk(url, SECONDS)
  if (load.failed > 0) throw new Error(`${load.failed} requests of ${url} failed`)
  return { ...load, micros: (cpuMicros(pid) - before) / load.requests }
}

/** The run in the middle, by CPU per request. */
function median(runs: readonly Run[]): Run {
  const middle = runs.toSorted((x, y) => x.micros - y.micros)[Math.floor(runs.length / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return middle
}

/** New versions take over while clients ask; the old one is stopped as soon as it is drained. */
async function swaps(): Promise<void> {
  const load = wrk(`http://127.0.0.1:${port}/small`, 6, 16)
  let count = 0
  let stopOld = async (): Promise<void> => {}
  for (const end = performance.now() + 5500; performance.now() < end; count++) {
    const version = createServer((_, response) => response.end('hello'))
    version.listen(0, '127.0.0.1')
    await once(version, 'listening')
    const id = `version-${count}`
    await link.publish([appAt(id, portOf(version))])
    await stopOld()
    stopOld = async () => {
      await link.drain([id], 10_000)
      version.closeAllConnections()
      version.close()
    }
    await sleep(200)
  }
  const { requests, failed } = await load
  console.log(
    `\n${count} swaps in 6 s under 16 connections: ${requests} requests, ${failed} failed`,
  )
  await link.publish([])
  await stopOld()
}
