import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Version } from './documents.ts'
import { isPending } from './pages.ts'

type Read = () => Promise<Readonly<{ version: Version; content: object }> | undefined>

/**
 * Server-sent events of one version: how it stands first, so that nothing between the page and this
 * stream is missed, then each change, then the end. The id is the version's revision; since every
 * event tells the whole state, a browser that comes back misses nothing.
 */
export function streamEvents(
  request: IncomingMessage,
  response: ServerResponse,
  read: Read,
  watch: (look: () => void) => () => void,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.write('retry: 1000\n\n')
  let sent = Number(request.headers['last-event-id'] ?? -1)
  let isFirst = true
  let isLooking = false
  let hasChanged = false

  const look = async (): Promise<void> => {
    hasChanged = true
    if (isLooking) return
    isLooking = true
    while (hasChanged && !response.destroyed) {
      hasChanged = false
      const found = await read().catch(() => undefined)
      if (found !== undefined) send(found)
      await new Promise((resolve) => setTimeout(resolve, EVENT_MS_MIN))
    }
    isLooking = false
  }
  const send = ({ version, content }: NonNullable<Awaited<ReturnType<Read>>>): void => {
    const isEnd = !isPending(version)
    if (version.revision === sent && !isFirst && !isEnd) return
    const event = isEnd ? version.status : isFirst ? 'state' : 'progress'
    isFirst = false
    sent = version.revision
    response.write(`id: ${sent}\nevent: ${event}\ndata: ${JSON.stringify(content)}\n\n`)
    if (isEnd) end()
  }
  const end = (): void => {
    clearInterval(heartbeat)
    unwatch()
    response.end()
  }
  const unwatch = watch(() => void look())
  // Routers cut connections that say nothing for 55 seconds.
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  response.on('close', end)
  void look()
}

const EVENT_MS_MIN = 250
const HEARTBEAT_MS = 15_000
