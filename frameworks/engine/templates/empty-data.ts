import { problem } from '../problems.ts'

/**
 * A step of a training got nothing, in the words of PredictionIO, which people search for.
 *
 * @param what e.g. `ratings in PreparedData`
 */
export const emptyData = (what: string) =>
  problem(
    'training_failed',
    `${what} cannot be empty. Please check if DataSource generates TrainingData and Preparator generates PreparedData correctly.`,
  )
