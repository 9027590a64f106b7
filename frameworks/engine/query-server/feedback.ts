import { randomInt } from 'node:crypto'

/** The event that records a prediction, and the prediction with its id, as the client gets it. */
export type Feedback = Readonly<{ event: object; prediction: unknown }>

/**
 * Makes the feedback of one answer. The prediction's own `prId` is its id, else a random one; the
 * answer and the event carry ids only where the engine's types have such a field.
 */
export function createFeedback(
  answered: Readonly<{ engineInstanceId: string; query: unknown; prediction: unknown; at: Date }>,
): Feedback {
  const { engineInstanceId, query, prediction, at } = answered
  const given = fieldOf(prediction, 'prId')
  const prId = typeof given === 'string' && given !== '' ? given : randomId()
  const ofQuery = fieldOf(query, 'prId')
  return {
    event: {
      event: 'predict',
      eventTime: at.toISOString(),
      entityType: 'pio_pr',
      entityId: prId,
      properties: { engineInstanceId, query, prediction },
      ...(typeof ofQuery === 'string' ? { prId: ofQuery } : {}),
    },
    prediction: given === undefined ? prediction : { ...(prediction as object), prId },
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

const randomId = (): string =>
  Array.from({ length: 64 }, () => ALPHANUMERICS[randomInt(ALPHANUMERICS.length)]).join('')

const ALPHANUMERICS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Where feedback events go. */
export type EventServerAddress = Readonly<{ url: URL; notice: string | undefined }>

/**
 * The address of the event server: https where the port is 443 or the host says so, which upstream
 * never did. `<app>.herokuapp.com` means the app of that name on this hokku.
 */
export function eventServerAddress(
  host: string,
  port: number,
  accessKey: string,
  env: Readonly<Record<string, string | undefined>>,
): EventServerAddress {
  const app = /^(?:https?:\/\/)?([a-z0-9-]+)\.herokuapp\.com\/?$/i.exec(host)?.[1]
  const domain = env['HOKKU_DOMAIN']
  const base =
    app !== undefined && domain !== undefined && domain !== ''
      ? `${domain.endsWith(':443') || !domain.includes(':') ? 'https' : 'http'}://${app}.${domain}`
      : withScheme(host, port)
  const url = new URL('/events.json', base)
  url.searchParams.set('accessKey', accessKey)
  const notice = base.includes(host)
    ? undefined
    : `${host} is taken for ${url.host}, on this hokku.`
  return { url, notice }
}

function withScheme(host: string, port: number): string {
  if (/^https?:\/\//.test(host)) {
    const url = new URL(host)
    if (url.port === '' && port !== 443 && port !== 80) url.port = String(port)
    return url.href
  }
  return `${port === 443 ? 'https' : 'http'}://${host}:${port}`
}
