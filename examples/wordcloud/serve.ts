import { createServer } from 'node:http'
import { createChanges } from './changes.ts'
import type { Config } from './config.ts'
import { openParts } from './parts.ts'
import { createRoutes } from './routes.ts'
import { keepQueue, work } from './work.ts'

/** One web process, until SIGTERM; then it ends within ten seconds. */
export async function serve(config: Config): Promise<void> {
  const parts = await openParts(config)
  const stopping = new AbortController()
  const changes = await createChanges(parts.database, stopping.signal)
  const routes = createRoutes(parts, changes, stopping.signal)
  const server = createServer({ requestTimeout: 0 }, routes)
  // Large uploads take long; silence does not.
  server.setTimeout(SILENCE_MS_MAX)
  server.listen(config.port, () => console.log(`listening on ${config.port}`))

  const tasks = [keepQueue(parts, stopping.signal)]
  // Without a broker no one else may be there to count.
  if (parts.broker === undefined) tasks.push(work(parts, stopping.signal))

  const stop = async (): Promise<void> => {
    stopping.abort()
    setTimeout(() => process.exit(0), CLOSE_MS_MAX).unref()
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeIdleConnections()
    })
    await Promise.allSettled(tasks)
    await parts.broker?.close()
    await parts.database.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
}

const SILENCE_MS_MAX = 120_000
const CLOSE_MS_MAX = 9000
