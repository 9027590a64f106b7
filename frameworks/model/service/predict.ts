import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { checkObservation } from '../bundle/check-observation.ts'
import { columnFacts, type ColumnFacts } from '../bundle/column-facts.ts'
import type { Bundle } from '../bundle/load-folder.ts'
import { scoreEach } from '../bundle/model.ts'
import { insertPredictions, type Inserted } from '../store/insert-predictions.ts'
import type { NewPrediction } from '../store/prediction.ts'
import { bareAnswer, recordedAnswer, verdictOf } from './answers.ts'
import type { Item } from './requests.ts'
import type { Service } from './service.ts'
import { scoreShadows } from './shadows.ts'

/** The answer to one observation: its body, or why there is none. */
export type Answer = object | Problem

export type PredictOptions = Readonly<{ isStrict: boolean; source: 'web' | 'batch' }>

/** Scores one observation, and records it if it has an id. @throws Problem */
export async function predictOne(
  item: Item,
  options: PredictOptions,
  service: Service,
): Promise<object> {
  const startedAt = performance.now()
  const bundle = service.registry.choose(item.id?.text)
  const judged = judge([item], bundle, options, service)[0]!
  if (judged instanceof Problem) throw judged
  if (item.id === undefined) return bareAnswer(bundle.model, judged)
  const inserted = await service.store.predictions.add(
    recordOf(item, judged, bundle, options, startedAt),
  )
  afterwards([{ item, inserted }], service)
  return answerOf(inserted, judged, service)
}

/**
 * Scores many observations, each for itself, and records those with an id in one transaction.
 * Failures take the place of answers.
 */
export async function predictMany(
  items: readonly (Item | Error)[],
  options: PredictOptions,
  service: Service,
): Promise<Answer[]> {
  const startedAt = performance.now()
  const answers = Array.from<Answer>({ length: items.length })
  const records: Pending[] = []
  const taken = new Set<string>()
  for (const [bundle, places] of byBundle(items, answers, service)) {
    const judged = judge(
      places.map((place) => items[place] as Item),
      bundle,
      options,
      service,
    )
    for (const [i, place] of places.entries()) {
      const item = items[place] as Item
      const verdict = judged[i]!
      if (verdict instanceof Problem) answers[place] = verdict
      else if (item.id === undefined) answers[place] = bareAnswer(bundle.model, verdict)
      else if (taken.has(item.id.text)) answers[place] = existsAlready(item.id.text)
      else {
        taken.add(item.id.text)
        records.push({
          place,
          item,
          verdict,
          row: recordOf(item, verdict, bundle, options, startedAt),
        })
      }
    }
  }
  // Rows get their own ids in the order of the request, whichever version answered.
  records.sort((a, b) => a.place - b.place)
  const inserted =
    records.length === 0
      ? []
      : await insertPredictions(
          service.store.database,
          records.map(({ row }) => row),
        )
  for (const [i, { place, verdict }] of records.entries()) {
    answers[place] = attempt(() => answerOf(inserted[i]!, verdict, service))
  }
  afterwards(
    records.map(({ item }, i) => ({ item, inserted: inserted[i]! })),
    service,
  )
  return answers
}

type Verdict = ReturnType<typeof verdictOf>
type Pending = Readonly<{
  place: number
  item: Item
  verdict: Verdict
  row: NewPrediction
}>

/** Places by the version that answers them; items that were no observations are answered at once. */
function byBundle(
  items: readonly (Item | Error)[],
  answers: Answer[],
  { registry }: Service,
): Map<Bundle, number[]> {
  const places = new Map<Bundle, number[]>()
  for (const [place, item] of items.entries()) {
    if (item instanceof Error) {
      if (!(item instanceof Problem)) throw item
      answers[place] = item
      continue
    }
    const bundle = registry.choose(item.id?.text)
    const list = places.get(bundle)
    if (list === undefined) places.set(bundle, [place])
    else list.push(place)
  }
  return places
}

function judge(
  items: readonly Item[],
  bundle: Bundle,
  options: PredictOptions,
  { config, metrics }: Service,
): (Verdict | Problem)[] {
  const facts = options.isStrict ? factsOf(bundle) : undefined
  const refused = items.map((item) =>
    facts === undefined ? undefined : checkObservation(item.observation, facts),
  )
  const passed = items.filter((_, i) => refused[i] === undefined)
  const outcomes = scoreEach(
    bundle.model,
    passed.map((item) => item.observation),
  )
  let next = 0
  return refused.map((failure) => {
    const outcome = failure ?? outcomes[next++]!
    const isRefused = outcome instanceof Problem
    metrics.count('predictions_total', {
      version: bundle.version,
      result: isRefused ? 'refused' : 'scored',
    })
    return isRefused ? outcome : verdictOf(bundle.model, outcome, config.threshold)
  })
}

const factsCache = new WeakMap<Bundle, ColumnFacts[]>()

function factsOf(bundle: Bundle): ColumnFacts[] {
  let facts = factsCache.get(bundle)
  if (facts === undefined) factsCache.set(bundle, (facts = columnFacts(bundle.model)))
  return facts
}

function recordOf(
  item: Item,
  verdict: Verdict,
  bundle: Bundle,
  { source }: PredictOptions,
  startedAt: number,
): NewPrediction {
  return {
    observationId: item.id!,
    raw: item.raw,
    ...verdict,
    modelVersion: bundle.version,
    source,
    latencyUs: Math.round((performance.now() - startedAt) * 1000),
  }
}

/** @throws Problem `prediction_exists`: nothing was overwritten, and this is what is stored */
function answerOf(
  { isNew, prediction }: Inserted,
  verdict: Verdict,
  { registry }: Service,
): object {
  const stored = recordedAnswer(registry.versionOf(prediction.modelVersion).model, prediction)
  if (isNew) return stored
  throw existsAlready(prediction.observationId.text, { proba: verdict.proba, stored })
}

const existsAlready = (id: string, details: Record<string, unknown> = {}): Problem =>
  problem('prediction_exists', `Observation ID: "${id}" already exists`, { details })

function afterwards(
  records: readonly { item: Item; inserted: Inserted }[],
  service: Service,
): void {
  const shadows = service.registry.shadows()
  if (shadows.length === 0) return
  const fresh = records.filter(({ inserted }) => inserted.isNew)
  setImmediate(() => void scoreShadows(fresh, shadows, service))
}

function attempt(work: () => object): Answer {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
