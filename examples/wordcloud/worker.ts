import { configOrExit } from './config.ts'
import { openParts } from './parts.ts'
import { keepQueue, work } from './work.ts'

const config = configOrExit(process.env)
if (config.databaseUrl === undefined) {
  console.log('No DATABASE_URL: without a database the web process counts by itself.')
  setInterval(() => {}, 60_000)
} else {
  const parts = await openParts(config)
  const stopping = new AbortController()
  process.once('SIGTERM', () => stopping.abort())
  process.once('SIGINT', () => stopping.abort())
  console.log(`worker is waiting for jobs ${parts.broker ? 'of the broker' : 'in the database'}`)
  await Promise.all([work(parts, stopping.signal), keepQueue(parts, stopping.signal)])
  await parts.broker?.close()
  await parts.database.close()
  console.log('worker has stopped')
}
