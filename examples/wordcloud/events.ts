import type { IncomingMessage, ServerResponse } from 'node:http'

/** How a version stands: its description, and whether that was the last. */
export type State = Readonly<{
  revision: number
  /** `done` or `failed` when nothing more will come. */
  end: 'done' | 'failed' | undefined
  content: object
}>

type Source = Readonly<{
  read: () => Promise<State>
  /** @returns what ends it */
  watch: (look: () => void) => () => void
  /** Aborted when this process stops; browsers come back to another one. */
  stopping: AbortSignal
}>

/**
 * Server-sent events of one version: how it stands first, so that nothing between the page and this
 * stream is missed, then each change, then the end. The id is the version's revision; since every
 * event holds the whole state, a browser that comes back misses nothing.
 */
export function streamEvents(
  request: IncomingMessage,
  response: ServerResponse,
  { read, watch, stopping }: Source,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  if (request.method === 'HEAD') return void response.end()
  response.write(`retry: ${RETRY_MS}\n\n`)
  let sent = -1
  let isLooking = false
  let hasChanged = false

  const look = async (): Promise<void> => {
    hasChanged = true
    if (isLooking) return
    isLooking = true
    while (hasChanged && !response.writableEnded && !response.destroyed) {
      hasChanged = false
      // What cannot be read now will be at the next change, or at the next look without one.
      const state = await read().catch(() => undefined)
      if (state !== undefined && state.revision !== sent) send(state)
      await new Promise((resolve) => setTimeout(resolve, EVENT_MS_MIN))
    }
    isLooking = false
  }
  const send = (state: State): void => {
    if (response.writableEnded) return
    const isFirst = sent === -1
    sent = state.revision
    if (isFirst) write('state', state)
    else if (state.end === undefined) write('progress', state)
    if (state.end === undefined) return
    write(state.end, state)
    end()
  }
  const write = (event: string, { revision, content }: State): void => {
    response.write(`id: ${revision}\nevent: ${event}\ndata: ${JSON.stringify(content)}\n\n`)
  }
  const end = (): void => {
    clearInterval(heartbeat)
    unwatch()
    stopping.removeEventListener('abort', end)
    response.end()
  }
  const unwatch = watch(() => void look())
  // Routers cut connections that say nothing for 55 seconds.
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  response.on('close', end)
  stopping.addEventListener('abort', end, { once: true })
  void look()
}

const RETRY_MS = 1000
/** Four a second at most. */
const EVENT_MS_MIN = 250
const HEARTBEAT_MS = 15_000
