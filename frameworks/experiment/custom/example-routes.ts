import { isRecord } from '@hokku/kit/record'
import type { CustomContext, CustomHandler } from './define-study.ts'

/**
 * Routes of the original's example, by path: studies that were made from it have them in their
 * `custom.py`, mostly unchanged.
 */
export const EXAMPLE_ROUTES: Readonly<Record<string, CustomHandler>> = {
  '/compute_bonus': (context) => computeBonus(context),
  '/my_custom_view': ({ render }) => render('custom.html'),
}

/** What every correct test trial of the original's example adds. */
const BONUS_PER_HIT = 0.02

/** Any oddity in the data is a 404. */
async function computeBonus({ query, participants, error, abort }: CustomContext) {
  const uniqueId = query['uniqueId'] ?? error('improper_inputs')
  const participant = (await participants.find(uniqueId)) ?? abort(404)
  const trials = participant.document['data']
  if (!Array.isArray(trials)) return abort(404)
  const bonus = trials.reduce((sum: number, trial: unknown) => {
    const trialdata: unknown = isRecord(trial) ? trial['trialdata'] : undefined
    if (!isRecord(trialdata)) return abort(404)
    return trialdata['phase'] === 'TEST' && trialdata['hit'] === true ? sum + BONUS_PER_HIT : sum
  }, 0)
  await participants.change(uniqueId, { bonus })
  return { bonusComputed: 'success' }
}
