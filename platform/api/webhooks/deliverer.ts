import { createHmac, randomUUID } from 'node:crypto'
import type { Store, Webhook, WebhookDelivery } from '../../store/index.ts'
import { postJson } from './post-json.ts'

export type DelivererEffects = Readonly<{
  store: Store
  /** Authorities that receivers may have their certificates of. */
  authorities: () => string
  onBug: (error: unknown) => void
}>

/**
 * Brings events to webhooks. What is due lies in the store, so that a restart loses nothing: an event
 * arrives at least once at a `sync` webhook, or is given up after three days.
 */
export class Deliverer {
  readonly #effects: DelivererEffects
  #timer: NodeJS.Timeout | undefined
  #running = false
  #closed = false

  constructor(effects: DelivererEffects) {
    this.#effects = effects
  }

  /** Looks for what is due now. */
  wake(): void {
    if (this.#running || this.#closed) return
    this.#running = true
    clearTimeout(this.#timer)
    void this.#run()
      .catch(this.#effects.onBug)
      .finally(() => {
        this.#running = false
        this.#sleep()
      })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    const { deliveries } = this.#effects.store.webhooks
    for (;;) {
      const due = deliveries.due(this.#effects.store.now(), AT_ONCE)
      if (due.length === 0 || this.#closed) return
      await Promise.all(due.map((delivery) => this.#deliver(delivery)))
    }
  }

  #sleep(): void {
    const next = this.#closed ? undefined : this.#effects.store.webhooks.deliveries.next()
    if (next === undefined) return
    const waitMs = Math.max(WAIT_MS_MIN, Date.parse(next) - Date.now())
    this.#timer = setTimeout(() => this.wake(), Math.min(waitMs, WAIT_MS_MAX)).unref()
  }

  async #deliver(delivery: WebhookDelivery): Promise<void> {
    const { webhooks } = this.#effects.store
    const webhook = webhooks.find(delivery.webhookId)
    const event = webhooks.events.find(delivery.eventId)
    if (webhook === undefined || event === undefined) return
    const attempt = { id: randomUUID(), at: this.#effects.store.now() }
    const body = JSON.stringify({
      ...event.payload,
      published_at: attempt.at,
      webhook_metadata: {
        attempt: { id: attempt.id },
        delivery: { id: delivery.id },
        event: { id: event.id, include: event.include },
        webhook: { id: webhook.id },
      },
    })
    const result = await this.#send(webhook, body)
    const attempts = delivery.attempts + 1
    webhooks.deliveries.attempted(delivery.id, {
      attempts,
      lastAttempt: { ...attempt, ...result },
      ...nextOf(webhook, delivery, { attempts, isThrough: result.error === null }),
    })
  }

  async #send(webhook: Webhook, body: string) {
    const { store, authorities } = this.#effects
    const authorization = store.webhooks.authorization(webhook)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Heroku-Webhooks',
      'heroku-webhook-hmac-sha256': signatureOf(body, store.webhooks.secret(webhook)),
      ...(authorization !== null && { authorization }),
    }
    try {
      const code = await postJson(webhook.url, { body, headers, ca: authorities() })
      const isFine = code >= 200 && code < 300
      return { code, error: isFine ? null : `the receiver answered ${code}` }
    } catch (error) {
      return { code: null, error: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** At a time; each has a connection and at most half a minute. */
const AT_ONCE = 8
const WAIT_MS_MIN = 50
/** The longest time that a timer can be set for is 24 days. */
const WAIT_MS_MAX = 60 * 60_000

/** As Heroku signs: what the receiver computes over the body as it came. */
export const signatureOf = (body: string, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('base64')

/** What follows an attempt: success, the end, or another attempt later. */
export function nextOf(
  { level }: Pick<Webhook, 'level'>,
  { createdAt }: Pick<WebhookDelivery, 'createdAt'>,
  { attempts, isThrough }: Readonly<{ attempts: number; isThrough: boolean }>,
  nowMs = Date.now(),
): Pick<WebhookDelivery, 'status' | 'nextAttemptAt'> {
  if (isThrough) return { status: 'succeeded', nextAttemptAt: null }
  const isOver = level === 'notify' || nowMs - Date.parse(createdAt) > GIVE_UP_MS
  if (isOver) return { status: 'failed', nextAttemptAt: null }
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 16))
  return { status: 'retrying', nextAttemptAt: new Date(nowMs + waitMs).toISOString() }
}

const FIRST_WAIT_MS = 5000
const LONGEST_WAIT_MS = 60 * 60_000
/** As on Heroku. */
const GIVE_UP_MS = 72 * 60 * 60_000
