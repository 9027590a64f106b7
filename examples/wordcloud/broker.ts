import { setTimeout as sleep } from 'node:timers/promises'
import amqp, { type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib'

export const QUEUE = 'countwords'
export const DEAD = `${QUEUE}.dead`
/** How long a job waits before it is tried again, by the number of tries so far. */
const RETRY_MS = [1000, 5000, 15_000, 30_000]
export const ATTEMPTS_MAX = RETRY_MS.length + 1

const retryQueue = (delayMs: number): string => `${QUEUE}.retry.${delayMs}`
export const retryQueueFor = (attempt: number): string =>
  retryQueue(RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 1000)

export type Broker = Readonly<{
  /** Resolves when the broker has it on disk, in a queue. */
  publish: (queue: string, payload: string, id: string, reason?: string) => Promise<void>
  /** Runs `work` for one message at a time; it is acknowledged when that resolves. */
  consume: (work: (payload: string) => Promise<void>, signal: AbortSignal) => Promise<void>
  check: () => Promise<void>
  close: () => Promise<void>
}>

/** One connection that is made when it is needed, and made again when it was lost. */
export function openBroker(url: string): Broker {
  let connecting: Promise<{ connection: ChannelModel; channel: ConfirmChannel }> | undefined
  const connect = () => {
    connecting ??= open().catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return connecting
  }
  async function open() {
    const connection = await amqp.connect(withHeartbeat(url), { timeout: 5000 })
    const forget = (): void => void (connecting = undefined)
    connection.on('close', forget)
    connection.on('error', (error: Error) => console.error(`broker: ${error.message}`))
    const channel = await connection.createConfirmChannel()
    channel.on('close', forget)
    channel.on('error', (error: Error) => console.error(`broker: ${explain(error)}`))
    await declare(channel)
    return { connection, channel }
  }
  return {
    publish: async (queue, payload, id, reason) => {
      const { channel } = await connect()
      await publishConfirmed(channel, queue, payload, id, reason)
    },
    consume: async (work, signal) => {
      while (!signal.aborted) {
        try {
          const { connection } = await connect()
          await consumeOn(connection, work, signal)
        } catch (error) {
          console.error(`broker: ${String(error)}`)
        }
        await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {})
      }
    },
    check: async () => {
      const { channel } = await connect()
      await channel.checkQueue(QUEUE)
    },
    close: async () => {
      const open = await connecting?.catch(() => undefined)
      await open?.connection.close().catch(() => {})
    },
  }
}

const RECONNECT_MS = 1000

function withHeartbeat(url: string): string {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', '15')
  return address.href
}

async function declare(channel: ConfirmChannel): Promise<void> {
  await channel.assertQueue(DEAD, { durable: true })
  await channel.assertQueue(QUEUE, {
    durable: true,
    deadLetterExchange: '',
    deadLetterRoutingKey: DEAD,
  })
  for (const delayMs of RETRY_MS) {
    await channel.assertQueue(retryQueue(delayMs), {
      durable: true,
      messageTtl: delayMs,
      deadLetterExchange: '',
      deadLetterRoutingKey: QUEUE,
    })
  }
}

/** An old queue of the same name that is not durable cannot be used: messages would be lost. */
const explain = (error: Error): string =>
  error.message.includes('406')
    ? `${error.message}. A queue "${QUEUE}" with other settings is there: delete it, or use another virtual host.`
    : error.message

function publishConfirmed(
  channel: ConfirmChannel,
  queue: string,
  payload: string,
  id: string,
  reason?: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isReturned = false
    const onReturn = ({ properties }: ConsumeMessage): void => {
      if (properties.messageId === id) isReturned = true
    }
    const done = (error?: Error): void => {
      channel.off('return', onReturn).off('close', onClose)
      if (error !== undefined) reject(error)
      else if (isReturned) reject(new Error(`there is no queue ${queue}`))
      else resolve()
    }
    const onClose = (): void => done(new Error('The connection to the broker was lost.'))
    channel.on('return', onReturn).once('close', onClose)
    const options = {
      persistent: true,
      mandatory: true,
      contentType: 'application/json',
      messageId: id,
      type: QUEUE,
      timestamp: Math.floor(Date.now() / 1000),
      ...(reason !== undefined && { headers: { reason } }),
    }
    channel.publish('', queue, Buffer.from(payload), options, (error: unknown) =>
      done(error instanceof Error ? error : undefined),
    )
  })
}

/** Resolves when the channel has closed, or when the signal came and the job at hand is through. */
async function consumeOn(
  connection: ChannelModel,
  work: (payload: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  let current = Promise.resolve()
  const closed = new Promise<void>((resolve) => channel.once('close', resolve))
  await channel.prefetch(1)
  const { consumerTag } = await channel.consume(QUEUE, (message) => {
    if (message === null) return void channel.close().catch(() => {})
    current = work(message.content.toString()).then(
      () => acknowledge(() => channel.ack(message)),
      () => acknowledge(() => channel.nack(message, false, true)),
    )
  })
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  await Promise.race([closed, aborted])
  if (!signal.aborted) return
  await channel.cancel(consumerTag).catch(() => {})
  await current
  await channel.close().catch(() => {})
}

/** On a channel that is gone the broker gives the message to somebody else, which is fine. */
function acknowledge(act: () => void): void {
  try {
    act()
  } catch {
    console.error('broker: the connection was lost before a job was acknowledged')
  }
}
