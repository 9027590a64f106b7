/** The PredictionIO whose behavior we have. */
export const VERSION = '0.14.0'

/** Templates that ask for this version or a later one up to ours are served. */
export const VERSION_MIN = '0.11.0'
