import { readRouterConfig } from './config.ts'
import { startRouter } from './router.ts'

const say = (message: string): void => console.error(`router: ${message}`)

try {
  const config = readRouterConfig(process.env)
  const router = await startRouter(config, { onTrouble: say })
  say(`listening on port ${router.port} for ${config.domain}`)
  const stop = (): void => void router.stop().then(() => process.exit(0))
  process.once('SIGTERM', stop).once('SIGINT', stop)
  // One request's bad luck must not end all the others.
  process.on('uncaughtException', (error) => say(`bug: ${error.stack ?? error.message}`))
} catch (error) {
  say(messageOf(error as NodeJS.ErrnoException & { port?: number }))
  process.exit(1)
}

function messageOf({ code, port, message }: NodeJS.ErrnoException & { port?: number }): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use by another program. Choose another one: hokku up --port ${(port ?? 0) + 1}`
  }
  if (code === 'EACCES') return `port ${port} may only be used by root. Choose one above 1023.`
  return message
}
