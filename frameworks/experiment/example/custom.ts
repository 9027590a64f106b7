import { defineStudy } from '@hokku/experiment'

/** Cents for each word whose color was named correctly. */
const CENTS_PER_HIT = 2

/** The study's own server code: one route, which the page asks for at the end. */
export default defineStudy({
  routes: {
    'GET /compute_bonus': async ({ query, participants, error, abort }) => {
      const uniqueId = query['uniqueId'] ?? error('improper_inputs')
      const participant = (await participants.find(uniqueId)) ?? abort(404)
      const trials = participant.trials.map(({ trialdata }) => trialdata)
      const hits = trials.filter((trial) => trial['phase'] === 'TEST' && trial['hit'] === true)
      await participants.change(uniqueId, { bonus: (hits.length * CENTS_PER_HIT) / 100 })
      return { bonusComputed: 'success' }
    },
  },
})
