import { defineProblems } from '@hokku/kit/problem'

/** What can go wrong between a product and its PostgreSQL, before the first query. */
export const problem = defineProblems({
  database_missing: { id: 'database_missing', status: 503 },
  database_url_invalid: { id: 'invalid_params', status: 422 },
  postgres_unavailable: { id: 'postgres_unavailable', status: 503 },
  postgres_directory_invalid: { id: 'postgres_unavailable', status: 503 },
  postgres_busy: { id: 'postgres_unavailable', status: 503 },
})
