import { createServer } from 'node:http'
import { createChanges } from './changes.ts'
import { readConfig } from './config.ts'
import { openParts } from './parts.ts'
import { createRoutes } from './routes.ts'
import { keepQueue, work } from './work.ts'

const config = readConfig(process.env)
const parts = await openParts(config)
const stopping = new AbortController()
const changes = await createChanges(parts.database, stopping.signal)
const server = createServer({ requestTimeout: 0 }, createRoutes(parts, changes))
// Large uploads take long; silence does not.
server.setTimeout(120_000)
server.listen(config.port, () => console.log(`listening on ${config.port}`))

void keepQueue(parts, stopping.signal)
// Without a broker nobody else may be there to count.
if (parts.broker === undefined) void work(parts, stopping.signal)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping.abort()
    server.close(() => {
      void (async () => {
        await parts.broker?.close()
        await parts.database.close()
        process.exit(0)
      })()
    })
    server.closeIdleConnections()
    setTimeout(() => process.exit(0), CLOSE_MS_MAX).unref()
  })
}

const CLOSE_MS_MAX = 8000
