import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { codeOf } from '@hokku/kit/error-code'
import type { LogDrain } from '../../store/index.ts'
import type { AppLog } from '../app-log.ts'
import type { LogRecord } from '../contract.ts'
import { withLossLine, type LogBatch } from '../log-batch.ts'
import { backOffMs } from './back-off.ts'
import { PositionFile } from './position-file.ts'
import type { Transport } from './transport.ts'

/**
 * Sends an app's log to a drain until aborted. While the receiver is away the queue is bounded and
 * the oldest lines go (L10). The position on disk makes a new start resume: a line arrives at
 * least once, unless it was dropped.
 */
export async function runDrain(
  drain: LogDrain,
  log: AppLog,
  transport: Transport,
  signal: AbortSignal,
): Promise<void> {
  const position = new PositionFile(join(log.folder, 'drains', drain.id))
  const subscription = log.subscribe({})
  try {
    let batch: LogBatch = log.resume(position.read() ?? log.next - 1, {})
    while (!signal.aborted) {
      for (const records of batches(withLossLine(batch, 'L10 (output buffer overflow)'))) {
        await deliver(records, { drain, log, transport, signal })
        const last = records.at(-1)
        if (last !== undefined) position.write(last.first + last.count - 1)
      }
      await subscription.arrival(IDLE_MS, signal)
      if (transport.gatherMs > 0) await setTimeout(transport.gatherMs, undefined, { signal })
      batch = subscription.take()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    log.unsubscribe(subscription)
    transport.close()
    position.close()
  }
}

/** Groups records into what is sent, and repeated, at once. */
export function* batches(records: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  let batch: LogRecord[] = []
  let bytes = 0
  for (const record of records) {
    if (bytes > 0 && bytes + record.text.length > BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(record)
    bytes += record.text.length
  }
  if (batch.length > 0) yield batch
}

const BATCH_BYTES = 256 * 1024
const IDLE_MS = 60_000

type Delivery = Readonly<{
  drain: LogDrain
  log: AppLog
  transport: Transport
  signal: AbortSignal
}>

/** Tries until the receiver has the records; an outage is logged once in the app's own log. */
async function deliver(
  records: readonly LogRecord[],
  { drain, log, transport, signal }: Delivery,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await transport.send(records, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (attempt === 0) log.write('heroku', 'logplex', failureMessage(drain, error))
      await setTimeout(backOffMs(attempt), undefined, { signal, ref: false })
    }
  }
}

/** Names the receiver without the credentials that its URL may carry. */
function failureMessage(drain: LogDrain, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { protocol, host } = new URL(drain.url)
  const isCertificate = cause instanceof Error && CERTIFICATE_ERROR.test(codeOf(cause) ?? '')
  const name = isCertificate ? 'L14 (certificate validation)' : 'L13 (local delivery error)'
  const reason = cause instanceof Error ? cause.message : String(cause)
  return `Error ${name}: error=${JSON.stringify(reason)} drain=${drain.token} uri="${protocol}//${host}"`
}

const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ALTNAME/
