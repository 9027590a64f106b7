import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { checkObservation } from '../bundle/check-observation.ts'
import { columnFacts, type ColumnFacts } from '../bundle/column-facts.ts'
import type { Bundle } from '../bundle/load-folder.ts'
import { scoreEach } from '../bundle/model.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseJson } from '../frames/parse-json.ts'
import { insertPredictions, type Inserted } from '../store/insert-predictions.ts'
import type { NewPrediction } from '../store/prediction.ts'
import { bareAnswer, plainAnswer, recordedAnswer, verdictOf, type Verdict } from './answers.ts'
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
  const scored = score([item], service.registry.choose(item.id?.text), options, service)[0]!
  if (scored instanceof Problem) throw scored
  if (item.id === undefined) return bareAnswer(scored.bundle.model, scored.verdict)
  const inserted = await service.store.predictions.add(recordOf(scored, options, startedAt))
  askShadows([{ item, inserted }], service)
  return answerOf(inserted, scored, service)
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
  const outcomes = scoreMany(items, options, service)
  // Rows get their own ids in the order of the request, whichever version answered.
  const recorded = firstOfEachId(outcomes)
  const rows = recorded.map((scored) => recordOf(scored, options, startedAt))
  const stored = rows.length === 0 ? [] : await insertPredictions(service.store.database, rows)
  const inserted = new Map(recorded.map((scored, at) => [scored, stored[at]!]))
  askShadows(
    [...inserted].map(([{ item }, row]) => ({ item, inserted: row })),
    service,
  )
  return outcomes.map((outcome) => answerTo(outcome, inserted, service))
}

/** The values alone of observations that are not recorded. @throws Problem for the first that fails */
export function predictPlain(
  items: readonly Item[],
  isStrict: boolean,
  service: Service,
): unknown[] {
  const outcomes = scoreMany(items, { isStrict, source: 'batch' }, service)
  return outcomes.map((outcome) => {
    if (outcome instanceof Problem) throw outcome
    return plainAnswer(outcome.bundle.model, outcome.verdict)
  })
}

/** An observation with the version that scored it and what it said. */
type Scored = Readonly<{ item: Item; bundle: Bundle; verdict: Verdict }>
type Outcome = Scored | Problem

/** An outcome for each item, in their order; each version scores its items in one pass. */
function scoreMany(
  items: readonly (Item | Error)[],
  options: PredictOptions,
  service: Service,
): Outcome[] {
  const readable = items.filter((item): item is Item => !(item instanceof Error))
  const outcomes = new Map<Item, Outcome>()
  for (const [bundle, group] of Map.groupBy(readable, ({ id }) =>
    service.registry.choose(id?.text),
  )) {
    const scored = score(group, bundle, options, service)
    group.forEach((item, at) => outcomes.set(item, scored[at]!))
  }
  return items.map((item) => {
    if (!(item instanceof Error)) return outcomes.get(item)!
    if (item instanceof Problem) return item
    throw item
  })
}

/** What is recorded: observations with an id, of two with the same id the first. */
function firstOfEachId(outcomes: readonly Outcome[]): Scored[] {
  const taken = new Set<string>()
  return outcomes.filter((outcome): outcome is Scored => {
    if (outcome instanceof Problem || outcome.item.id === undefined) return false
    const isFirst = !taken.has(outcome.item.id.text)
    taken.add(outcome.item.id.text)
    return isFirst
  })
}

function answerTo(
  outcome: Outcome,
  inserted: ReadonlyMap<Scored, Inserted>,
  service: Service,
): Answer {
  if (outcome instanceof Problem) return outcome
  const { item, bundle, verdict } = outcome
  if (item.id === undefined) return bareAnswer(bundle.model, verdict)
  const row = inserted.get(outcome)
  if (row === undefined) return existsAlready(item.id.text)
  return attempt(() => answerOf(row, outcome, service))
}

/** What one version says of each item; a Problem for those that it refuses. */
function score(
  items: readonly Item[],
  bundle: Bundle,
  options: PredictOptions,
  { config, metrics }: Service,
): Outcome[] {
  const facts = options.isStrict ? factsOf(bundle) : undefined
  const checked = items.map((item) => ({
    item,
    failure: facts === undefined ? undefined : checkObservation(item.observation, facts),
  }))
  const passed = checked.filter(({ failure }) => failure === undefined)
  const scores = scoreEach(
    bundle.model,
    passed.map(({ item }) => item.observation),
  ).values()
  return checked.map(({ item, failure }) => {
    const said = failure ?? scores.next().value!
    const isRefused = said instanceof Problem
    const result = isRefused ? 'refused' : 'scored'
    metrics.count('predictions_total', { version: bundle.version, result })
    if (isRefused) return said
    return { item, bundle, verdict: verdictOf(bundle.model, said, config.threshold) }
  })
}

const factsCache = new WeakMap<Bundle, ColumnFacts[]>()

export function factsOf(bundle: Bundle): ColumnFacts[] {
  let facts = factsCache.get(bundle)
  if (facts === undefined) factsCache.set(bundle, (facts = columnFacts(bundle.model)))
  return facts
}

function recordOf(
  { item, bundle, verdict }: Scored,
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

/**
 * What is stored. A client that sends the same again, because it never saw the answer, gets it too.
 *
 * @throws Problem `prediction_exists` if the id has another observation; nothing was overwritten
 */
function answerOf(
  { isNew, prediction }: Inserted,
  { item, verdict }: Scored,
  { registry, config }: Service,
): object {
  const stored = recordedAnswer(registry.versionOf(prediction.modelVersion).model, prediction)
  if (isNew) return stored
  if (!config.errorsAs200 && isSameJson(prediction.raw, item.raw)) return stored
  throw existsAlready(prediction.observationId.text, { proba: verdict.proba, stored })
}

const isSameJson = (a: string, b: string): boolean =>
  a === b || stringifyExactly(parseJson(a)) === stringifyExactly(parseJson(b))

const existsAlready = (id: string, details: Record<string, unknown> = {}): Problem =>
  problem('prediction_exists', `Observation ID: "${id}" already exists`, { details })

/** Shadow versions are asked after the answer, about what is new. */
function askShadows(
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
