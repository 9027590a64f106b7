import { blob, integer, json, nullable, oneOf, text, withDefault, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const WEBHOOKS = defineTable({
  name: 'webhooks',
  one: 'webhook',
  columns: {
    id: text,
    appId: text,
    url: text,
    /** `notify` tries once, `sync` until it is through. */
    level: oneOf('notify', 'sync'),
    /** What it is called for, e.g. `api:release`. */
    include: json<readonly string[]>(),
    sealedSecret: writeOnly(blob),
    sealedAuthorization: writeOnly(nullable(blob)),
    createdAt: text,
    updatedAt: text,
  },
})

const EVENTS = defineTable({
  name: 'webhook_events',
  one: 'webhook event',
  columns: {
    id: text,
    appId: text,
    include: text,
    payload: json<Readonly<Record<string, unknown>>>(),
    createdAt: text,
    updatedAt: text,
  },
})

const DELIVERIES = defineTable({
  name: 'webhook_deliveries',
  one: 'webhook delivery',
  columns: {
    id: text,
    seq: integer,
    webhookId: text,
    eventId: text,
    status: oneOf('pending', 'retrying', 'failed', 'succeeded'),
    attempts: withDefault(integer),
    nextAttemptAt: nullable(text),
    lastAttempt: nullable(json<WebhookAttempt>()),
    createdAt: text,
    updatedAt: text,
  },
})

export type WebhookAttempt = Readonly<{
  id: string
  /** Status of the answer; null where there was none. */
  code: number | null
  error: string | null
  at: string
}>

export type Webhook = RowOf<typeof WEBHOOKS>
export type WebhookEvent = RowOf<typeof EVENTS>
export type WebhookDelivery = RowOf<typeof DELIVERIES>

export type WebhookContent = Pick<Webhook, 'url' | 'level' | 'include'> &
  Readonly<{ secret: string; authorization: string | null }>

export function webhooksTable(db: Database, secrets: Secrets, now: () => string) {
  const webhooks = new Table(db, WEBHOOKS, now)
  const seal = (appId: string, value: string): Uint8Array => secrets.seal(value, `webhook/${appId}`)
  const sealed = (appId: string, { secret, authorization, ...rest }: Partial<WebhookContent>) => ({
    ...rest,
    ...(secret !== undefined && { sealedSecret: seal(appId, secret) }),
    ...(authorization !== undefined && {
      sealedAuthorization: authorization === null ? null : seal(appId, authorization),
    }),
  })
  return {
    create: (appId: string, content: WebhookContent): Webhook =>
      webhooks.insert({
        appId,
        url: content.url,
        level: content.level,
        include: content.include,
        sealedSecret: seal(appId, content.secret),
        sealedAuthorization:
          content.authorization === null ? null : seal(appId, content.authorization),
      }),
    find: (id: string): Webhook | undefined => webhooks.find('where id = ?', id),
    ofApp: (appId: string): Webhook[] =>
      webhooks.all('where app_id = ? order by created_at', appId),
    update: (webhook: Webhook, change: Partial<WebhookContent>): Webhook =>
      webhooks.update(webhook.id, sealed(webhook.appId, change)),
    remove: (id: string): void => webhooks.remove(id),
    secret: ({ id, appId }: Webhook): string =>
      secrets.open(webhooks.sealed(id, 'sealedSecret'), `webhook/${appId}`),
    authorization({ id, appId }: Webhook): string | null {
      const row = db.get('select sealed_authorization from webhooks where id = ?', id)
      const value = row?.['sealed_authorization']
      return value instanceof Uint8Array ? secrets.open(value, `webhook/${appId}`) : null
    },
    events: eventsTable(db, now),
    deliveries: deliveriesTable(db, now),
  }
}

function eventsTable(db: Database, now: () => string) {
  const events = new Table(db, EVENTS, now)
  return {
    create: (event: Pick<WebhookEvent, 'appId' | 'include' | 'payload'>): WebhookEvent =>
      events.insert(event),
    find: (id: string): WebhookEvent | undefined => events.find('where id = ?', id),
    ofApp: (appId: string): WebhookEvent[] =>
      events.all('where app_id = ? order by created_at', appId),
    /** Forgets the oldest of an app, with their deliveries. */
    keepNewest: (appId: string, count: number): number =>
      db.run(
        `delete from webhook_events where app_id = ?1 and id not in
          (select id from webhook_events where app_id = ?1 order by created_at desc limit ?2)`,
        appId,
        count,
      ),
  }
}

function deliveriesTable(db: Database, now: () => string) {
  const deliveries = new Table(db, DELIVERIES, now)
  return {
    create(webhookId: string, eventId: string): WebhookDelivery {
      const newest = deliveries.find('order by seq desc limit 1')?.seq ?? 0
      return deliveries.insert({
        seq: newest + 1,
        webhookId,
        eventId,
        status: 'pending',
        nextAttemptAt: now(),
      })
    },
    find: (id: string): WebhookDelivery | undefined => deliveries.find('where id = ?', id),
    ofApp: (appId: string): WebhookDelivery[] =>
      deliveries.all(
        'where webhook_id in (select id from webhooks where app_id = ?) order by seq',
        appId,
      ),
    /** Those whose time has come, oldest first. */
    due: (at: string, max: number): WebhookDelivery[] =>
      deliveries.all('where next_attempt_at <= ? order by seq limit ?', at, max),
    /** When the next one is due. */
    next: (): string | undefined =>
      deliveries.find('where next_attempt_at is not null order by next_attempt_at limit 1')
        ?.nextAttemptAt ?? undefined,
    attempted: (
      id: string,
      change: Pick<WebhookDelivery, 'status' | 'attempts' | 'nextAttemptAt' | 'lastAttempt'>,
    ): WebhookDelivery | undefined => deliveries.updateIfThere(id, change),
  }
}
