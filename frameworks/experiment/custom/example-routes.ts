import type { CustomHandler } from './define-study.ts'

/** What every correct test trial of the original's example adds. */
const BONUS_PER_HIT = 0.02

/** `/compute_bonus` as unmodified example studies expect it; any oddity in the data is a 404. */
export const computeBonus: CustomHandler = async ({ query, participants, error, abort }) => {
  const uniqueId = query['uniqueId'] ?? error('improper_inputs')
  const participant = (await participants.find(uniqueId)) ?? abort(404)
  const trials = participant.document['data']
  if (!Array.isArray(trials)) return abort(404)
  const bonus = trials.reduce((sum: number, trial: unknown) => {
    const trialdata: unknown = isObject(trial) ? trial['trialdata'] : undefined
    if (!isObject(trialdata)) return abort(404)
    return trialdata['phase'] === 'TEST' && trialdata['hit'] === true ? sum + BONUS_PER_HIT : sum
  }, 0)
  await participants.change(uniqueId, { bonus })
  return { bonusComputed: 'success' }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
