import { defineProblems } from '@hokku/kit/problem'

/** Everything of the platform that can go wrong and be told to a user. */
export const problem = defineProblems({
  state_corrupt: { id: 'internal_server_error', status: 500 },
  git_failed: { id: 'invalid_params', status: 422 },
  api_failed: { id: 'internal_server_error', status: 502 },
  not_running: { id: 'not_found', status: 404 },
  home_locked: { id: 'conflict', status: 409 },
  port_in_use: { id: 'conflict', status: 409 },
  unauthorized: { id: 'unauthorized', status: 401 },
  forbidden: { id: 'forbidden', status: 403 },
  not_found: { id: 'not_found', status: 404 },
  invalid_params: { id: 'invalid_params', status: 422 },
  bad_request: { id: 'bad_request', status: 400 },
  range_invalid: { id: 'requested_range_not_satisfiable', status: 416 },
  confirmation_required: { id: 'confirmation_required', status: 423 },
  multiple_matches: { id: 'multiple_matches', status: 422 },
  build_rejected: { id: 'invalid_params', status: 422 },
  build_running: { id: 'conflict', status: 422 },
  slug_corrupt: { id: 'internal_server_error', status: 500 },
  slug_too_large: { id: 'invalid_params', status: 422 },
  disk_full: { id: 'internal_server_error', status: 507 },
  dyno_limit: { id: 'invalid_params', status: 422 },
  addon_unavailable: { id: 'service_unavailable', status: 503 },
  engine_failed: { id: 'internal_server_error', status: 500 },
  maintenance: { id: 'maintenance', status: 503 },
})
