import { Problem } from '@hokku/kit/problem'
import type { Bundle } from '../bundle/load-folder.ts'
import { scoreEach } from '../bundle/model.ts'
import type { Inserted } from '../store/insert-predictions.ts'
import { insertShadowScores } from '../store/routing.ts'
import { verdictOf } from './answers.ts'
import type { Item } from './requests.ts'
import type { Service } from './service.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

/** Asks shadow versions after the caller has been answered; their failures affect no answer. */
export async function scoreShadows(
  records: readonly { item: Item; inserted: Inserted }[],
  shadows: readonly Bundle[],
  { store, config }: Service,
): Promise<void> {
  const scores = shadows.flatMap((bundle) => {
    const outcomes = scoreEach(
      bundle.model,
      records.map(({ item }) => item.observation),
    )
    return outcomes.flatMap((outcome, i) => {
      if (outcome instanceof Problem) return []
      const { proba, predicted } = verdictOf(bundle.model, outcome, config.threshold)
      const predictionId = records[i]!.inserted.prediction.id
      return [
        { predictionId, version: bundle.version, proba, predicted: stringifyExactly(predicted) },
      ]
    })
  })
  try {
    if (scores.length > 0) await insertShadowScores(store.database, scores)
  } catch (error) {
    console.error('Shadow scores could not be stored:', error)
  }
}
