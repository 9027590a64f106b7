import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { sampleObservation } from './measure-row.ts'
import { scoreAll, type Model } from './model.ts'

/** Scores a made-up row: a file whose parts do not fit together must fail now, not in service. */
export function probed(model: Model): Model {
  try {
    scoreAll(model, [sampleObservation(model)])
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw problem('model_invalid', 'The parts of the pipeline do not fit together.', {
        cause: error,
      })
    }
    // The model may refuse what we make up; that columns do not fit is another matter.
    if (error.code !== 'observation_invalid') throw error
  }
  return model
}
