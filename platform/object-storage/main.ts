import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { readStorageConfig } from './config.ts'
import { openStorageServer } from './server.ts'

/**
 * The object storage of one installation, its own process that survives the control plane.
 * Where it listens stands in `server.json` once it does.
 */
const { directory, token, port, account } = readStorageConfig(process.env)
if (account !== undefined) {
  process.setgroups?.([])
  process.setgid?.(account.gid)
  process.setuid?.(account.uid)
}
const server = await openStorageServer({
  directory,
  token,
  onLost: (error) => {
    console.error('The disk lost a write. The server restarts from what is on disk.', error)
    process.exit(1)
  },
})
const listening = await server.listen(port)
await writeDurably(
  join(directory, 'server.json'),
  JSON.stringify({ pid: process.pid, port: listening }),
)
console.log(`${new Date().toISOString()} object storage is up on 127.0.0.1:${listening}`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.close().finally(() => process.exit(0)))
}
// One request's bad luck must not end all the others.
process.on('uncaughtException', (error) => console.error('bug:', error))
