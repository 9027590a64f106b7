import type { Variables } from '@hokku/kit/config'

/** Variables that are no option of a study, but decide how its options are read. */
export const VARIABLES = {
  PSITURK_PYTHON: {
    default: 'the first that has Flask, SQLAlchemy and psycopg2',
    meaning: 'Python that runs custom.py.',
  },
  PSITURK_GLOBAL_CONFIG_LOCATION: {
    default: '~',
    meaning: 'Folder with `.psiturkconfig`, the options of all studies of a user.',
  },
  ON_CLOUD: {
    default: null,
    meaning: 'Set to anything: the disk is not kept, and the cloud defaults apply.',
  },
  ON_HEROKU: { default: null, meaning: 'The older name of ON_CLOUD.' },
  DYNO: { default: null, meaning: 'Set by the platform in a dyno; means ON_CLOUD too.' },
} as const satisfies Variables
