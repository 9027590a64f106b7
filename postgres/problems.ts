import { defineProblems } from '@hokku/kit/problem'

/** What can go wrong between a product and its PostgreSQL, before the first query. */
export const problem = defineProblems({
  database_missing: {
    id: 'database_missing',
    status: 503,
    meaning: 'DATABASE_URL is not set in a dyno, where no embedded database may be used.',
    remedy: 'Run `heroku addons:create heroku-postgresql`.',
  },
  database_url_invalid: {
    id: 'invalid_params',
    status: 422,
    meaning: 'DATABASE_URL is not a PostgreSQL address.',
    remedy:
      'Set it to `postgres://user:password@host:5432/database`, or unset it to use the embedded server.',
  },
  postgres_unavailable: {
    id: 'postgres_unavailable',
    status: 503,
    meaning: 'The embedded PostgreSQL could not be started or does not answer.',
    remedy: "Read the message and the server's log, in the folder `postgres` of HOKKU_HOME.",
  },
  postgres_directory_invalid: {
    id: 'postgres_unavailable',
    status: 503,
    meaning: "PostgreSQL's user cannot reach or use the data folder.",
    remedy: 'Set HOKKU_HOME to a folder outside of closed ones, such as `/var/lib/hokku`.',
  },
  postgres_busy: {
    id: 'postgres_unavailable',
    status: 503,
    meaning: "The server's process exists but is neither up nor down.",
    remedy: 'Read the log that the message names; end the process it names if it hangs.',
  },
})
