import { EventEmitter } from 'node:events'
import type { Database } from './database.ts'

/** Reports when a version has changed, in any process. */
export type Changes = Readonly<{
  /** @returns what ends it */
  watch: (id: string, look: () => void) => () => void
}>

export async function createChanges(database: Database, signal: AbortSignal): Promise<Changes> {
  const events = new EventEmitter().setMaxListeners(0)
  await database.listen('versions', (id) => events.emit(id))
  // A net under the notifications: they are lost while the connection is.
  const timer = setInterval(() => {
    for (const id of events.eventNames()) events.emit(id)
  }, LOOK_MS)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  return {
    watch: (id, look) => {
      events.on(id, look)
      return () => void events.off(id, look)
    },
  }
}

const LOOK_MS = 3000
