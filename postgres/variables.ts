import type { Variables } from '@hokku/kit/config'

/** Which database a product uses. */
export const VARIABLES = {
  DATABASE_URL: {
    default: null,
    meaning: 'PostgreSQL of an app; unset: the embedded server, but never in a dyno.',
  },
  DYNO: { default: null, meaning: 'Set by the platform in a dyno: there is no embedded server.' },
  ON_CLOUD: { default: null, meaning: 'Set to anything: there is no embedded server.' },
} as const satisfies Variables
