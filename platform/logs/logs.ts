import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Home, Store } from '../store/index.ts'
import { HISTORY_LINES_MAX, type AppLog } from './app-log.ts'
import { AppLogs } from './app-logs.ts'
import { microsecondClock } from './clock.ts'
import type { LogRecord, Logs, LogSessionRequest } from './contract.ts'
import { Drains } from './drains/drains.ts'
import { plainLines } from './line-format.ts'
import { withLossLine } from './log-batch.ts'
import { openSession, sealSession } from './log-session.ts'
import { Outputs } from './outputs.ts'
import { Pump, type Source } from './pump.ts'
import { RouterSegments } from './router-segments.ts'

export type LogsEffects = Readonly<{
  home: Pick<Home, 'logs'>
  store: Pick<Store, 'apps' | 'logDrains' | 'secrets'>
}>

/** Opens the logs of all apps, takes up the router's lines and starts the drains. */
export function openLogs({ home, store }: LogsEffects): Logs {
  const clock = microsecondClock()
  const pump = new Pump(printFailure)
  const isFollowed = (output: string): boolean => outputs.has(output) || router.isFollowed(output)
  const logs = new AppLogs(join(home.logs, 'apps'), store.apps, { clock, isFollowed })
  const outputs = new Outputs({ logs, pump, clock })
  const router = new RouterSegments(join(home.logs, 'router'), (appId) => logs.find(appId))
  const drains = new Drains((appId) => logs.find(appId))
  pump.add(router)
  drains.refresh(store.logDrains.list())

  return {
    write: (appId, source, process, message) => logs.find(appId)?.write(source, process, message),
    follow: (output) => outputs.follow(output),
    unfollow: (id) => outputs.unfollow(id),
    openSession: (request) => ({
      id: randomUUID(),
      secret: sealSession(request, Date.now(), store.secrets),
    }),
    session: (secret) => {
      const session = openSession(secret, Date.now(), store.secrets)
      return session !== undefined && logs.find(session.appId) !== undefined ? session : undefined
    },
    read: (session, seen, signal) => readSession(logs.find(session.appId), session, seen, signal),
    recent: (appId, lines, filter = {}) =>
      (logs.find(appId)?.newest(lines, filter) ?? []).flatMap(printed),
    refreshDrains: (appId) => drains.refresh(store.logDrains.list(appId), appId),
    remove: async (appId) => {
      outputs.removeApp(appId)
      drains.refresh([], appId)
      await logs.remove(appId)
    },
    close: async () => {
      pump.close()
      await drains.close()
      logs.close()
    },
  }
}

async function* readSession(
  log: AppLog | undefined,
  session: LogSessionRequest,
  seen: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  if (log === undefined) return
  const end = AbortSignal.any([signal, log.closing])
  const subscription = session.tail ? log.subscribe(session) : undefined
  try {
    yield history(log, session, seen)
    while (subscription !== undefined && !end.aborted) {
      await subscription.arrival(HEARTBEAT_MS, end)
      yield withLossLine(subscription.take(), 'L11 (tail buffer overflow)')
    }
  } finally {
    if (subscription !== undefined) log.unsubscribe(subscription)
  }
}

/** A client's proxies give up on a silent connection after a minute, the CLI after five. */
const HEARTBEAT_MS = 20_000

function history(
  log: AppLog,
  session: LogSessionRequest,
  seen: number | undefined,
): readonly LogRecord[] {
  if (seen === undefined || seen >= log.next) {
    return log.newest(Math.min(session.lines, HISTORY_LINES_MAX), session)
  }
  return withLossLine(log.resume(seen, session), 'L11 (tail buffer overflow)')
}

const printed = (record: LogRecord): string[] =>
  plainLines(record).toString().split('\n').slice(0, -1)

function printFailure(source: Source, error: unknown): void {
  console.error(`logs: ${source.watched} cannot be read into the log:`, error)
}
