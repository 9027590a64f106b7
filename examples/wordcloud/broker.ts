import { setTimeout as sleep } from 'node:timers/promises'
import amqp, { type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib'

/** How long a job waits before it is tried again, by the number of tries so far. */
const RETRY_MS = [1000, 5000, 15_000, 30_000]
export const ATTEMPTS_MAX = RETRY_MS.length + 1

/** Where a message goes: to be done, to be done again after a while, or nowhere any more. */
export type Destination = 'now' | 'dead' | Readonly<{ retryAfter: number }>

export type Broker = Readonly<{
  /** Resolves when the broker has it on disk, in a queue. */
  publish: (to: Destination, payload: string, id: string, reason?: string) => Promise<void>
  /** Runs `work` for one message at a time; it is acknowledged when that resolves. */
  consume: (work: (payload: string) => Promise<void>, signal: AbortSignal) => Promise<void>
  check: () => Promise<void>
  close: () => Promise<void>
}>

type Open = Readonly<{ connection: ChannelModel; channel: ConfirmChannel }>

/** One connection that is made when it is needed, and made again when it was lost. */
export function openBroker(url: string, queue: string): Broker {
  let connecting: Promise<Open> | undefined
  const connect = (): Promise<Open> => {
    if (connecting !== undefined) return connecting
    const forget = (): void => {
      if (connecting === mine) connecting = undefined
    }
    const mine = open(url, queue, forget)
    connecting = mine
    mine.catch(forget)
    return mine
  }
  return {
    publish: async (to, payload, id, reason) => {
      const { channel } = await connect()
      const message = { payload, id, reason, type: queue }
      await Promise.race([
        publishConfirmed(channel, nameOf(queue, to), message),
        late(ANSWER_MS_MAX),
      ])
    },
    consume: async (work, signal) => {
      for (let failures = 0; !signal.aborted; failures++) {
        try {
          const { connection } = await connect()
          failures = 0
          await consumeOn(connection, queue, work, signal)
        } catch (error) {
          console.error(`broker: ${messageOf(error)}`)
        }
        await sleep(backOffMs(failures), undefined, { signal }).catch(() => {})
      }
    },
    check: async () => {
      const { channel } = await connect()
      await channel.checkQueue(queue)
    },
    close: async () => {
      const open = await connecting?.catch(() => undefined)
      if (open !== undefined) await end(open.connection)
    },
  }
}

/** 0.5, 1, 2, 4 … seconds. */
export const backOffMs = (failures: number): number => Math.min(500 * 2 ** failures, BACK_OFF_MS_MAX)
const BACK_OFF_MS_MAX = 8000

async function open(url: string, queue: string, forget: () => void): Promise<Open> {
  const connection = await amqp.connect(withHeartbeat(url), { timeout: CONNECT_MS_MAX })
  connection.on('close', forget)
  connection.on('error', (error: Error) => console.error(`broker: ${error.message}`))
  try {
    return await Promise.race([openChannel(connection, queue, forget), late(ANSWER_MS_MAX)])
  } catch (error) {
    void end(connection)
    throw explained(error, queue)
  }
}

async function openChannel(
  connection: ChannelModel,
  queue: string,
  forget: () => void,
): Promise<Open> {
  const channel = await connection.createConfirmChannel()
  channel.on('close', forget)
  channel.on('error', () => {})
  // Each message that waits for its confirm listens.
  channel.setMaxListeners(0)
  await declare(channel, queue)
  return { connection, channel }
}

/** Ends a connection, also one that is lost meanwhile: then `close` alone would wait forever. */
const end = (connection: ChannelModel): Promise<void> =>
  new Promise((resolve) => {
    connection.once('close', () => resolve())
    connection.close().catch(() => resolve())
  })

/** Rejects after `ms`: a broker that is starting may hold a request and never answer it. */
async function late(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false })
  throw new Error(`The broker did not answer in ${ms / 1000} s.`)
}

const CONNECT_MS_MAX = 5000
const ANSWER_MS_MAX = 30_000

const nameOf = (queue: string, to: Destination): string =>
  to === 'now' ? queue : to === 'dead' ? `${queue}.dead` : retryQueue(queue, retryMs(to.retryAfter))
const retryMs = (attempt: number): number => RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 1000
const retryQueue = (queue: string, delayMs: number): string => `${queue}.retry.${delayMs}`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function withHeartbeat(url: string): string {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', '15')
  return address.href
}

async function declare(channel: ConfirmChannel, queue: string): Promise<void> {
  const dead = nameOf(queue, 'dead')
  const durable = true
  const deadLetterExchange = ''
  await channel.assertQueue(dead, { durable })
  await channel.assertQueue(queue, { durable, deadLetterExchange, deadLetterRoutingKey: dead })
  for (const messageTtl of RETRY_MS) {
    await channel.assertQueue(retryQueue(queue, messageTtl), {
      durable,
      messageTtl,
      deadLetterExchange,
      deadLetterRoutingKey: queue,
    })
  }
}

/** An older queue of the same name that is not durable cannot be used: it would lose messages. */
function explained(error: unknown, queue: string): unknown {
  if (!(error instanceof Error) || !error.message.includes('PRECONDITION_FAILED')) return error
  return new Error(
    `The broker has a queue ${queue} with other settings. Delete it, or choose another name: heroku config:set COUNT_QUEUE=${queue}2`,
    { cause: error },
  )
}

type Message = Readonly<{ payload: string; id: string; reason: string | undefined; type: string }>

function publishConfirmed(
  channel: ConfirmChannel,
  queue: string,
  { payload, id, reason, type }: Message,
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
      type,
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
  queue: string,
  work: (payload: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  let current = Promise.resolve()
  const closed = new Promise<void>((resolve) => channel.once('close', resolve))
  await channel.prefetch(1)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return void channel.close().catch(() => {})
    current = work(message.content.toString()).then(
      () => acknowledge(() => channel.ack(message)),
      async (error: unknown) => {
        console.error(`job given back: ${messageOf(error)}`)
        // Not at once again: what it needs is probably down.
        await sleep(GIVE_BACK_MS, undefined, { signal }).catch(() => {})
        acknowledge(() => channel.nack(message, false, true))
      },
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

const GIVE_BACK_MS = 1000

/** On a channel that is gone the broker gives the message to someone else, which is fine. */
function acknowledge(act: () => void): void {
  try {
    act()
  } catch {
    console.error('broker: the connection was lost before a job was acknowledged')
  }
}
