import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { Plane } from '../../platform/api/index.ts'
import { createApi, logStreamRoutes } from '../../platform/api/index.ts'
import { openLogs } from '../../platform/logs/index.ts'
import { homeAt, openStore } from '../../platform/store/index.ts'
import { line } from './line.ts'

/**
 * `node bench/logs/throughput.ts [lines]`: how fast dyno output becomes log lines on disk while a
 * tail reads them over HTTP in its own process, how long other work of the same process has to
 * wait meanwhile, and what doing nothing costs. Beside it, as a peer in the same run, what
 * `node:readline` needs only to read the lines into memory.
 */
const lines = Number(process.argv[2] ?? 500_000)
const folder = mkdtempSync(join(tmpdir(), 'hokku-bench-logs-'))
try {
  const rows = [
    await peer(),
    await measure('1 dyno, no tail', 1, { tail: false }),
    await measure('1 dyno, a tail', 1, { tail: true }),
    await measure('4 dynos of 4 apps, a tail', 4, { tail: true }),
    await measure('1 dyno, 200,000/s, a tail', 1, { tail: true, isPaced: true }),
  ]
  const base = rows[0]?.microseconds ?? 1
  console.log(`${lines} lines of 120 bytes a dyno\n`)
  console.log(
    'case                        lines/s   CPU us/line  of peer  lag p99/max ms   tail lost',
  )
  for (const row of rows) {
    console.log(
      row.name.padEnd(25),
      Math.round(row.rate).toLocaleString('en').padStart(9),
      row.microseconds.toFixed(2).padStart(13),
      (row.microseconds / base).toFixed(2).padStart(8),
      row.lag.padStart(15),
      row.lost.padStart(11),
    )
  }
  await idle()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

type Row = { name: string; rate: number; microseconds: number; lag: string; lost: string }

function writeLines(name: string): string {
  const file = join(folder, name)
  writeFileSync(file, line.repeat(lines))
  return file
}

/** Reads the same lines into memory and does no more. */
async function peer(): Promise<Row> {
  const file = writeLines('peer')
  const stop = start()
  const ring: string[] = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    ring.push(line)
    if (ring.length > 3000) ring.splice(0, 1500)
  }
  return stop('node:readline, in memory', lines, '')
}

type Case = { tail: boolean; isPaced?: boolean }

async function measure(
  name: string,
  dynos: number,
  { tail: hasTail, isPaced }: Case,
): Promise<Row> {
  const { store, logs, apps, api } = await openPlatform(name.replaceAll('/', ''), dynos)
  const files = apps.map((_, i) => (isPaced ? join(folder, 'paced') : writeLines(`out-${i}`)))
  const tail = hasTail ? await startTail(await streamOf(api, logs, apps[0] ?? '')) : undefined
  const stop = start()
  for (const [i, appId] of apps.entries()) {
    logs.follow({ appId, id: `dyno-${i}`, process: 'web.1', file: files[i] ?? '' })
  }
  if (isPaced) await once(spawnNode('writer.ts', files[0] ?? '', String(lines)), 'exit')
  await Promise.all(apps.map((_, i) => logs.unfollow(`dyno-${i}`)))
  const row = stop(name, lines * dynos, '')
  const lost = tail === undefined ? '' : String(lines - (await tail.stop()))
  await api.close()
  await logs.close()
  store.close()
  return { ...row, lost }
}

function start() {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpu = process.cpuUsage()
  const at = performance.now()
  return (name: string, count: number, lost: string): Row => {
    const seconds = (performance.now() - at) / 1000
    const { user, system } = process.cpuUsage(cpu)
    delay.disable()
    const lag = `${(delay.percentile(99) / 1e6).toFixed(1)} / ${(delay.max / 1e6).toFixed(1)}`
    return { name, rate: count / seconds, microseconds: (user + system) / count, lag, lost }
  }
}

async function openPlatform(name: string, count: number) {
  const home = homeAt(join(folder, name))
  const store = openStore(home)
  const owner = store.accounts.create('owner@example.com')
  const apps = Array.from({ length: count }, (_, i) => store.apps.create(`app-${i}`, owner.id).id)
  const logs = openLogs({ home, store })
  const api = createApi({ store, logs } as unknown as Plane, [logStreamRoutes])
  await api.listen({ port: 0, host: '127.0.0.1' })
  return { home, store, logs, apps, api }
}

async function streamOf(
  api: ReturnType<typeof createApi>,
  logs: ReturnType<typeof openLogs>,
  appId: string,
): Promise<string> {
  const { secret } = logs.openSession({ appId, lines: 0, tail: true })
  const address = api.server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/log-streams/${secret}`
}

function spawnNode(program: string, ...args: string[]) {
  return spawn(process.execPath, [join(import.meta.dirname, program), ...args])
}

/** A client in its own process; `stop` returns how many lines it got. */
async function startTail(url: string) {
  const child = spawnNode('tail.ts', url)
  await once(child.stdout, 'data')
  return {
    stop: async (): Promise<number> => {
      await setTimeout(500)
      child.kill('SIGTERM')
      const [data] = (await once(child.stdout, 'data')) as [Buffer]
      return Number(data.toString())
    },
  }
}

/** What 50 dynos that print nothing cost. */
async function idle(): Promise<void> {
  const { store, logs, apps, api } = await openPlatform('idle', 50)
  for (const [i, appId] of apps.entries()) {
    writeFileSync(join(folder, `idle-${i}`), 'hello\n')
    logs.follow({ appId, id: `idle-${i}`, process: 'web.1', file: join(folder, `idle-${i}`) })
  }
  await setTimeout(1500)
  const cpu = process.cpuUsage()
  await setTimeout(5000)
  const { user, system } = process.cpuUsage(cpu)
  console.log(`\nidle, 50 dynos: ${((user + system) / 50_000).toFixed(2)} % of a core`)
  await api.close()
  await logs.close()
  store.close()
}
