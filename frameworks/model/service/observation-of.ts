import { parseJson } from '../frames/parse-json.ts'
import { isRecord } from '@hokku/kit/record'

/** The inner observation of the envelope that was kept. */
export function observationOf({ raw }: Readonly<{ raw: string }>): Record<string, unknown> {
  const envelope = parseJson(raw)
  const observation = isRecord(envelope) ? envelope['observation'] : undefined
  return isRecord(observation) ? observation : {}
}
