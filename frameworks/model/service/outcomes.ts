import { Problem } from '@hokku/kit/problem'
import { isRecord } from '@hokku/kit/record'
import { problem } from '../problems.ts'
import { parseJson } from '../frames/parse-json.ts'
import type { Model } from '../bundle/model.ts'
import { keyOf, showCell, type Cell } from '../frames/cell.ts'
import type { Outcome } from '../store/record-outcomes.ts'
import { wholeRow } from './answers.ts'
import { readElements, readId, readLines } from './requests.ts'
import type { Service } from './service.ts'

/** POST /update: one outcome, or many that are answered one by one. */
export async function updateOutcomes(
  body: string,
  isLines: boolean,
  isStrict: boolean,
  service: Service,
): Promise<object | (object | Problem)[]> {
  const { model } = service.registry.active()
  const read = (value: unknown, where: string): Outcome =>
    readOutcome(value, where, model, isStrict)
  const value = isLines ? undefined : parseJson(body)
  const isOne = !isLines && !Array.isArray(value)
  if (isOne) {
    if (value === undefined) throw problem('request_invalid', 'The body is not valid JSON.')
    return store(read(value, 'The body'), service)
  }
  const items = Array.isArray(value) ? readElements(value, read) : readLines(body, read)
  return Promise.all(items.map((item) => attempt(() => store(item, service))))
}

function readOutcome(value: unknown, where: string, model: Model, isStrict: boolean): Outcome {
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not a JSON object.`)
  const { text } = readId(value, where, OUTCOME_HINT)
  if (!('true_class' in value)) {
    throw problem('request_invalid', `${where} has no true_class.`, { hint: OUTCOME_HINT })
  }
  return { observationId: text, trueClass: readTrueClass(value['true_class'], model, isStrict) }
}

const OUTCOME_HINT = 'Send {"id": 1, "true_class": 0} with the id of a prediction.'

async function store(outcome: Outcome | Error, service: Service): Promise<object> {
  if (outcome instanceof Error) throw outcome
  const updated = await service.store.outcomes.add(outcome)
  service.metrics.count('outcomes_total', { result: updated === undefined ? 'unknown' : 'stored' })
  if (updated === undefined) {
    throw problem(
      'prediction_not_found',
      `Observation ID: "${outcome.observationId}" does not exist`,
    )
  }
  return wholeRow(service.registry.versionOf(updated.modelVersion).model, updated)
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
