import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Home } from '../../store/index.ts'
import type { Address } from '../installation.ts'
import { keepRunning, markFileIn, readMark, type ChildPlan } from './child.ts'
import { isAlive, type ProcessMark } from '@hokku/kit/process-mark'

const PLATFORM = join(import.meta.dirname, '../..')

/** The platform's own processes on one home. */
export function childPlans(home: Home, address: Address, env: NodeJS.ProcessEnv): ChildPlan[] {
  const settings = {
    ...env,
    HOKKU_HOME: home.root,
    HOKKU_PORT: String(address.port),
    HOKKU_DOMAIN: address.domain,
    HOKKU_BIND: address.bind,
    // Without these glibc keeps what a build has freed: some 70 MB.
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '65536',
  }
  const plan = (name: string, nodeOptions: readonly string[]): ChildPlan => ({
    name,
    main: join(PLATFORM, name === 'control-plane' ? 'plane' : name, 'main.ts'),
    env: settings,
    markFile: markFileIn(home.run, name),
    logFile: join(home.logs, `${name}.log`),
    nodeOptions,
  })
  // Between requests it holds little; the default would let garbage grow to 48 MB first.
  return [plan('control-plane', ['--max-semi-space-size=2']), plan('router', [])]
}

/** Keeps all of them running until `signal` aborts; then leaves them as they are. */
export async function supervise(
  plans: readonly ChildPlan[],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  await Promise.all(plans.map((plan) => keepRunning(plan, signal, say)))
}

/** Stops everything on a home: dynos, control plane, router, and PostgreSQL unless it is in use. */
export async function stopPlatform(home: Home, say: (line: string) => void): Promise<void> {
  if (isUp(home, 'control-plane')) {
    say('Stopping dynos')
    // Loaded late, as below: the supervisor waits for months and should carry little.
    const { askPlane } = await import('../plane-client.ts')
    await askPlane(home, 'POST', '/hokku/stop').catch((error: unknown) => {
      say(`Dynos were not stopped: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
  const redis = readdirSync(home.run).flatMap((file) => /^(redis-.*)\.json$/.exec(file)?.[1] ?? [])
  for (const name of ['router', 'control-plane', 'object-storage', 'rabbitmq', ...redis]) {
    const mark = readMark({ markFile: markFileIn(home.run, name) })
    if (mark === undefined || !isAlive(mark)) continue
    say(`Stopping ${name}`)
    await stopProcess(mark)
  }
  say('Stopping PostgreSQL')
  const { stopEmbedded } = await import('@hokku/postgres')
  await stopEmbedded({ directory: home.postgres, onlyIfIdle: true })
}

export function isUp(home: Home, name: string): boolean {
  const mark = readMark({ markFile: markFileIn(home.run, name) })
  return mark !== undefined && isAlive(mark)
}

async function stopProcess(mark: ProcessMark): Promise<void> {
  process.kill(mark.pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < STOP_MS_MAX; waitedMs += STOP_POLL_MS) {
    if (!isAlive(mark)) return
    await sleep(STOP_POLL_MS)
  }
  if (isAlive(mark)) process.kill(mark.pid, 'SIGKILL')
}

const STOP_MS_MAX = 10_000
const STOP_POLL_MS = 20

/** Makes the folders of a home. Dynos' users must be able to pass, files inside are closed. */
export function makeFolders(home: Home): void {
  mkdirSync(home.root, { recursive: true, mode: 0o755 })
  for (const folder of [home.run, home.logs, home.certificates, home.backups]) {
    mkdirSync(folder, { recursive: true, mode: 0o711 })
  }
}
