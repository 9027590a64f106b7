import type { JsonValue } from '../events/event.ts'
import { parseLenientJson } from '../events/lenient-json.ts'
import { mailchimpEvent } from './mailchimp.ts'
import { segmentEvent } from './segmentio.ts'

/** Turns the body of another service's call into the JSON of an event. */
export type Connector = (body: string) => JsonValue

export const jsonConnectors: ReadonlyMap<string, Connector> = new Map([
  ['segmentio', (body) => segmentEvent(parseLenientJson(body))],
])

export const formConnectors: ReadonlyMap<string, Connector> = new Map([
  ['mailchimp', (body) => mailchimpEvent(new URLSearchParams(body))],
])
