import { rm } from 'node:fs/promises'
import { dim } from '@hokku/kit/command-line'
import { writeDurably } from '@hokku/kit/disk'
import type { Home } from '../../store/index.ts'
import type { Address } from '../installation.ts'
import { markFileIn } from './child.ts'
import { keepBackups } from './keep-backups.ts'
import { keepPostgres } from './keep-postgres.ts'
import { childPlans, stopPlatform, supervise } from './platform.ts'
import { markOf } from '@hokku/kit/process-mark'

/** Keeps a platform running until SIGTERM or Ctrl-C; then stops all of it. */
export async function runSupervisor(
  home: Home,
  address: Address,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const stop = new AbortController()
  const asked = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done())
  })
  const supervisor = markOf(process.pid)
  const file = markFileIn(home.run, 'supervisor')
  await writeDurably(file, JSON.stringify({ supervisor, address }))
  const supervised = supervise(childPlans(home, address, env), stop.signal, say)
  const keeping =
    (env['HOKKU_POSTGRES_URL'] ?? '') === ''
      ? keepPostgres(home.postgres, env, stop.signal, say)
      : Promise.resolve()
  void keepBackups(home, env, stop.signal, say)
  await asked
  stop.abort()
  await Promise.all([supervised, keeping])
  await stopPlatform(home, say)
  await rm(file, { force: true })
}

const say = (line: string): void => console.log(`${dim(new Date().toISOString())} ${line}`)
