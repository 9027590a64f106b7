import type { JsonValue } from '../events/event.ts'
import { problem } from '../problems.ts'

/** The event in a call of MailChimp: a form with `type`, `fired_at` and `data[…]`. */
export function mailchimpEvent(form: URLSearchParams): JsonValue {
  const type = form.get('type')
  if (type === null) throw invalid("The field 'type' is required for MailChimp data.")
  const kind = KINDS[type]
  if (kind === undefined) {
    throw invalid(`Cannot convert unknown MailChimp data type ${type} to event JSON`)
  }
  const data = (name: string): string => required(form, `data${name}`)
  const entityId = data(kind.entityId)
  const target = kind.target ? { targetEntityType: 'list', targetEntityId: data('[list_id]') } : {}
  return {
    event: type,
    entityType: kind.entityType,
    entityId,
    ...target,
    eventTime: firedAt(form),
    properties: {
      ...Object.fromEntries(kind.properties.map((name) => [name.as, data(name.field)])),
      ...(kind.hasMerges ? { merges: merges(form) } : {}),
    },
  }
}

type Property = Readonly<{ as: string; field: string }>
type Kind = Readonly<{
  entityType: string
  entityId: string
  target: boolean
  hasMerges: boolean
  properties: readonly Property[]
}>

const fields = (...names: string[]): Property[] =>
  names.map((name) => ({ as: name, field: `[${name}]` }))
const userKind = (properties: Property[], hasMerges: boolean, entityId = '[id]'): Kind => ({
  entityType: 'user',
  entityId,
  target: true,
  hasMerges,
  properties,
})

const KINDS: Readonly<Record<string, Kind>> = {
  subscribe: userKind(fields('email', 'email_type', 'ip_opt', 'ip_signup'), true),
  unsubscribe: userKind(
    fields('action', 'reason', 'email', 'email_type', 'ip_opt', 'campaign_id'),
    true,
  ),
  profile: userKind(fields('email', 'email_type', 'ip_opt'), true),
  upemail: userKind(fields('new_email', 'old_email'), false, '[new_id]'),
  cleaned: {
    entityType: 'list',
    entityId: '[list_id]',
    target: false,
    hasMerges: false,
    properties: [{ as: 'campaignId', field: '[campaign_id]' }, ...fields('reason', 'email')],
  },
  campaign: {
    entityType: 'campaign',
    entityId: '[id]',
    target: true,
    hasMerges: false,
    properties: fields('subject', 'status', 'reason'),
  },
}

function merges(form: URLSearchParams): JsonValue {
  const interests = form.get('data[merges][INTERESTS]')
  return {
    EMAIL: required(form, 'data[merges][EMAIL]'),
    FNAME: required(form, 'data[merges][FNAME]'),
    LNAME: required(form, 'data[merges][LNAME]'),
    ...(interests === null ? {} : { INTERESTS: interests }),
  }
}

/** `2009-03-26 21:35:57`, in UTC. */
function firedAt(form: URLSearchParams): string {
  const text = required(form, 'fired_at')
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text)
  if (match === null) throw invalid(`Cannot read the time fired_at of MailChimp data: ${text}`)
  return `${match[1]}T${match[2]}.000Z`
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value !== null) return value
  throw invalid(`The field '${name}' is required for MailChimp data.`)
}

const invalid = (message: string) => problem('webhook_invalid', message)
