import { problem } from '../problems.ts'

/** An observation that the pipeline itself refuses, as scikit-learn would with a ValueError. */
export const refusal = (message: string): Error => problem('observation_invalid', message)
