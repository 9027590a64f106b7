import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createApi, RESOURCES } from '../api/index.ts'
import { dashboardRoutes } from '../web/index.ts'
import { readPlaneConfig } from './config.ts'
import { giveBackMemory } from './give-back-memory.ts'
import { ownRoutes } from './own-routes.ts'
import { keepDisk } from './keep-disk.ts'
import { keepDomains } from './keep-domains.ts'
import { keepSnapshots } from './keep-snapshots.ts'
import { openPlane } from './plane.ts'

const DAY_MS = 24 * 60 * 60_000

/** The control plane of one installation, on the Unix socket that the router forwards to. */
const config = readPlaneConfig(process.env)
const { plane, notices, recover, openNetwork, close } = await openPlane(config, process.env)
let isReady = false
const stopping = new AbortController()
const diskNotices = keepDisk(config.home.root, stopping.signal)
const health = () => ({
  version: config.version,
  notices: [...notices, ...diskNotices()],
  isReady,
})
const api = createApi(plane, [...RESOURCES, ownRoutes(health, openNetwork), dashboardRoutes])

const socket = join(config.home.run, 'plane.sock')
await mkdir(config.home.run, { recursive: true })
await rm(socket, { force: true })
await api.listen({ path: socket })
await recover()
isReady = true
void keepSnapshots(
  {
    database: plane.store.db,
    backups: config.home.backups,
    onBug: (error) => console.error('The hourly copy of the state failed:', error),
  },
  stopping.signal,
)
pruneAuditLog()
setInterval(pruneAuditLog, DAY_MS).unref()
void keepDomains(plane, stopping.signal)
giveBackMemory()
console.log(`${new Date().toISOString()} control plane is up on ${config.home.root}`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping.abort()
    void Promise.race([api.close(), new Promise((done) => setTimeout(done, CLOSE_MS_MAX))])
      .then(close)
      .finally(() => process.exit(0))
  })
}
// One request's or build's bad luck must not end all the others; what is not kept is redone.
process.on('uncaughtException', (error) => console.error('bug:', error))

/** Entries of more than a year; a day more than the database insists on. */
function pruneAuditLog(): void {
  const before = new Date(Date.now() - 366 * DAY_MS).toISOString()
  try {
    plane.store.auditLog.prune(before)
  } catch (error) {
    console.error('The audit log could not be pruned:', error)
  }
}

/** Log tails stay open for hours; closing does not wait for them. */
const CLOSE_MS_MAX = 2000
