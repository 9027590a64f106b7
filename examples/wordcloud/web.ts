import cluster from 'node:cluster'
import { configOrExit } from './config.ts'
import { serve } from './serve.ts'

const REPLACE_MS = 1000

const config = configOrExit(process.env)
if (cluster.isPrimary) for (const notice of config.notices) console.log(notice)
// The database inside a process cannot be shared with others.
const processes = config.databaseUrl === undefined ? 1 : config.processes
if (cluster.isPrimary && processes > 1) lead(processes)
else await serve(config)

/** Several processes on one port; one that dies is replaced. */
function lead(count: number): void {
  const env = { SECRET_KEY: config.secret }
  let isStopping = false
  for (let i = 0; i < count; i++) cluster.fork(env)
  cluster.on('exit', ({ id }, code) => {
    if (isStopping) return
    console.error(`web process ${id} ended with ${code}: another one is started`)
    setTimeout(() => (isStopping ? undefined : cluster.fork(env)), REPLACE_MS)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      isStopping = true
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
    })
  }
}
