import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { parseJson } from '../bundle/exact-json.ts'
import type { Model } from '../bundle/model.ts'
import { keyOf, showCell, type Cell } from '../frames/cell.ts'
import { wholeRow } from './answers.ts'
import { isRecord, readId } from './requests.ts'
import type { Service } from './service.ts'

/** POST /update: one outcome, or an array of them that are answered one by one. */
export async function updateOutcomes(
  body: string,
  isLines: boolean,
  isStrict: boolean,
  service: Service,
): Promise<object | (object | Problem)[]> {
  if (isLines) {
    const lines = body.split('\n').filter((line) => line.trim() !== '')
    return Promise.all(
      lines.map((line, i) =>
        attempt(() => updateOne(parseJson(line), `Line ${i + 1}`, isStrict, service)),
      ),
    )
  }
  const value = parseJson(body)
  if (value === undefined) throw problem('request_invalid', 'The body is not valid JSON.')
  if (!Array.isArray(value)) return updateOne(value, 'The body', isStrict, service)
  if (value.length > OUTCOMES_MAX) {
    throw problem('request_invalid', `One request may hold ${OUTCOMES_MAX} outcomes.`)
  }
  return Promise.all(
    value.map((item: unknown, i) =>
      attempt(() => updateOne(item, `Element ${i}`, isStrict, service)),
    ),
  )
}

const OUTCOMES_MAX = 10_000

async function updateOne(
  value: unknown,
  where: string,
  isStrict: boolean,
  service: Service,
): Promise<object> {
  const { model } = service.registry.active()
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not a JSON object.`)
  const id = readId(value['id'] ?? value['observation_id'], where)
  if (!('true_class' in value)) throw problem('request_invalid', `${where} has no true_class.`)
  const trueClass = readTrueClass(value['true_class'], model, isStrict)
  const updated = await service.store.outcomes.add({ observationId: id.text, trueClass })
  service.metrics.count('outcomes_total', { result: updated === undefined ? 'unknown' : 'stored' })
  if (updated === undefined) {
    throw problem('prediction_not_found', `Observation ID: "${id.text}" does not exist`)
  }
  return wholeRow(model, updated)
}

/** One of the model's classes, a number for a regressor, or null, which takes the outcome back. */
function readTrueClass(value: unknown, model: Model, isStrict: boolean): Cell {
  if (value === null) return null
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value)
  if (!isScalar)
    throw problem('outcome_invalid', 'true_class must be a class of the model or null.')
  const label = value as string | number | boolean
  if (model.kind === 'regressor') {
    if (typeof label === 'number') return label
    throw problem('outcome_invalid', 'true_class must be a number: the model predicts numbers.')
  }
  if (!isStrict || model.classes.some((known) => keyOf(known) === keyOf(label))) return label
  throw problem('outcome_invalid', `true_class ${showCell(label)} is not a class of the model.`, {
    details: { allowed: model.classes },
  })
}

async function attempt(work: () => Promise<object>): Promise<object> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
