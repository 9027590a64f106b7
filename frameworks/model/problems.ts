import { defineProblems } from '@hokku/kit/problem'

/** Everything that can go wrong here and be shown to a user: our code → id on the wire and status. */
export const problem = defineProblems({
  pickle_invalid: { id: 'pickle_invalid', status: 422 },
  pickle_unsupported: { id: 'pickle_unsupported', status: 422 },
  pickle_too_large: { id: 'pickle_too_large', status: 422 },
  model_invalid: { id: 'model_invalid', status: 422 },
  model_unsupported: { id: 'model_unsupported', status: 422 },
  model_not_found: { id: 'not_found', status: 404 },
  package_missing: { id: 'package_missing', status: 422 },
  observation_invalid: { id: 'invalid_observation', status: 422 },
  request_invalid: { id: 'bad_request', status: 400 },
  body_too_large: { id: 'request_entity_too_large', status: 413 },
  method_not_allowed: { id: 'method_not_allowed', status: 405 },
  media_type_unsupported: { id: 'unsupported_media_type', status: 415 },
  prediction_exists: { id: 'conflict', status: 409 },
  prediction_not_found: { id: 'not_found', status: 404 },
  outcome_invalid: { id: 'invalid_outcome', status: 422 },
  probability_missing: { id: 'no_probability', status: 422 },
  address_unavailable: { id: 'address_unavailable', status: 503 },
  usage_invalid: { id: 'misuse', status: 400 },
  route_not_found: { id: 'not_found', status: 404 },
  token_missing: { id: 'unauthorized', status: 401 },
  token_unset: { id: 'forbidden', status: 403 },
  database_unavailable: { id: 'database_unavailable', status: 503 },
  overloaded: { id: 'overloaded', status: 503 },
})
