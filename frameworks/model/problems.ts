import { defineProblems } from '@hokku/kit/problem'

/** Everything that can go wrong here and be shown to a user: our code → id on the wire and status. */
export const problem = defineProblems({
  pickle_invalid: {
    id: 'pickle_invalid',
    status: 422,
    meaning: 'The file is not a pickle, or is damaged.',
    remedy: 'Save the model again, with `pickle.dump` or `joblib.dump`.',
  },
  pickle_unsupported: {
    id: 'pickle_unsupported',
    status: 422,
    meaning: 'The file needs classes that are not supported.',
    remedy: 'See docs/models.md for what is supported, and build the pipeline from that.',
  },
  pickle_too_large: {
    id: 'pickle_too_large',
    status: 422,
    meaning: 'Reading the file takes more time or memory than is allowed.',
    remedy: 'Save a smaller model.',
  },
  model_invalid: {
    id: 'model_invalid',
    status: 422,
    meaning: 'A file is missing, or the files do not fit together.',
    remedy: 'A folder holds `pipeline.pickle`, `columns.json` and `dtypes.pickle` of one training.',
  },
  model_unsupported: {
    id: 'model_unsupported',
    status: 422,
    meaning: 'The pipeline has a step or option that is not supported.',
    remedy: 'Replace the step that the message names.',
  },
  model_not_found: {
    id: 'not_found',
    status: 404,
    meaning: 'No version of the model has this name.',
    remedy: '`GET /models` lists the versions.',
  },
  package_missing: {
    id: 'package_missing',
    status: 422,
    meaning: 'An ONNX model needs a package that is not installed.',
    remedy: 'Install `onnxruntime-node`; the hint has the command.',
  },
  observation_invalid: {
    id: 'invalid_observation',
    status: 422,
    meaning: 'An observation does not have the columns and types of the training.',
    remedy: 'Correct the columns in `details`; `GET /schema` shows what is expected.',
  },
  request_invalid: {
    id: 'bad_request',
    status: 400,
    meaning: 'The request, or an input file, cannot be read.',
    remedy: 'Correct what the message names; `/docs` has examples.',
  },
  body_too_large: {
    id: 'request_entity_too_large',
    status: 413,
    meaning: 'The body is larger than MODEL_BODY_BYTES.',
    remedy: 'Send several requests, or score a file with `model-server score`.',
  },
  method_not_allowed: {
    id: 'method_not_allowed',
    status: 405,
    meaning: 'The address does not take this HTTP method.',
    remedy: 'Use the method that the message names.',
  },
  media_type_unsupported: {
    id: 'unsupported_media_type',
    status: 415,
    meaning: 'The Content-Type or Content-Encoding of the body is not supported.',
    remedy: 'Send uncompressed `application/json` or `application/x-ndjson`.',
  },
  prediction_exists: {
    id: 'conflict',
    status: 409,
    meaning: 'A prediction with this id is already recorded; it is not predicted again.',
    remedy: 'Use the recorded prediction in `details`, or send another id.',
  },
  prediction_not_found: {
    id: 'not_found',
    status: 404,
    meaning: 'No prediction has this id.',
    remedy: 'Check the id; `GET /list-db-contents` lists them.',
  },
  outcome_invalid: {
    id: 'invalid_outcome',
    status: 422,
    meaning: 'The true outcome is not a class of the model, or not a number for a regressor.',
    remedy: 'Send a value that the model can predict, or null to take an outcome back.',
  },
  address_unavailable: {
    id: 'address_unavailable',
    status: 503,
    meaning: 'The server cannot listen on this host and port.',
    remedy: 'Choose others with `--port` and `--host`.',
  },
  usage_invalid: {
    id: 'misuse',
    status: 400,
    meaning: 'An argument or file of the command cannot be used.',
    remedy: 'Correct it; `model-server help <command>` explains every argument.',
  },
  route_not_found: {
    id: 'not_found',
    status: 404,
    meaning: 'There is nothing at this address.',
    remedy: '`/docs` lists the routes.',
  },
  token_missing: {
    id: 'unauthorized',
    status: 401,
    meaning: 'The route needs the token of MODEL_TOKEN.',
    remedy: 'Send `Authorization: Bearer <token>`.',
  },
  token_unset: {
    id: 'forbidden',
    status: 403,
    meaning: 'Versions can only be changed where MODEL_TOKEN is set.',
    remedy: 'Run `heroku config:set MODEL_TOKEN=$(openssl rand -hex 16)`.',
  },
  database_unavailable: {
    id: 'database_unavailable',
    status: 503,
    meaning: 'The database cannot be reached; nothing was recorded.',
    remedy: 'Send the request again; check DATABASE_URL if it lasts.',
  },
  overloaded: {
    id: 'overloaded',
    status: 503,
    meaning: 'More writes wait for the database than may wait.',
    remedy: 'Send the request again after the time in Retry-After.',
  },
})
