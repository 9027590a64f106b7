import amqp from 'amqplib'
import { required } from './settings.ts'

const { CLOUDAMQP_URL } = required(['CLOUDAMQP_URL'])
const QUEUE = 'countwords'

export type Job = Readonly<{ document_slug: string; time_uploaded: string; s3_key: string }>

async function open(): Promise<{ connection: amqp.ChannelModel; channel: amqp.ConfirmChannel }> {
  const connection = await amqp.connect(CLOUDAMQP_URL)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(QUEUE, { durable: true })
  return { connection, channel }
}

/** Resolves when the broker has the job on disk. */
export async function publish(job: Job): Promise<void> {
  const { connection, channel } = await open()
  channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(job)), { persistent: true })
  await channel.waitForConfirms()
  await connection.close()
}

/** Hands over one job at a time; the broker forgets it when `work` is through. Ends with the connection. */
export async function consume(work: (job: Job) => Promise<void>): Promise<void> {
  const { connection, channel } = await open()
  const closed = new Promise((resolve) => connection.once('close', resolve))
  connection.on('error', (error: Error) => console.error(`broker: ${error.message}`))
  await channel.prefetch(1)
  await channel.consume(QUEUE, (message) => {
    if (message === null) return
    void Promise.resolve(message.content.toString())
      .then((text) => work(JSON.parse(text) as Job))
      .then(() => channel.ack(message))
      .catch((error: unknown) => {
        console.error(`job dropped: ${String(error)}`)
        channel.nack(message, false, false)
      })
      .catch((error: unknown) => console.error(`broker: ${String(error)}`))
  })
  await closed
}
