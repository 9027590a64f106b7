export const reference = (name: string): object => ({ $ref: `#/components/schemas/${name}` })

type Parameter = Readonly<{ name: string; schema: object; where?: 'path' }>

const MEANINGS: Readonly<Record<string, string>> = {
  '400': 'Malformed request',
  '403': 'Only where MODEL_TOKEN is set',
  '404': 'There is nothing of this id or name',
  '409': 'The id exists already; nothing was overwritten',
  '413': 'The body is too large',
  '415': 'The body is not application/json',
  '422': 'The content does not fit the model; all problems are named',
  '503': 'The database does not answer at the moment',
}

const JSON_TYPE = 'application/json'

function operation(
  summary: string,
  parts: Readonly<{
    body?: Readonly<{ required: boolean; content: object }>
    parameters?: readonly Parameter[]
    answer?: object
    type?: string
    failures?: readonly string[]
  }> = {},
): object {
  const { body, parameters, answer = {}, type = JSON_TYPE, failures = [] } = parts
  return {
    summary,
    ...(parameters === undefined ? {} : { parameters: parameters.map(parameterOf) }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      '200': { description: 'OK', content: { [type]: { schema: answer } } },
      ...Object.fromEntries(failures.map((status) => [status, failureOf(status)])),
    },
  }
}

const parameterOf = ({ name, schema, where }: Parameter): object =>
  where === undefined ? { name, in: 'query', schema } : { name, in: where, required: true, schema }

const failureOf = (status: string): object => ({
  description: MEANINGS[status],
  content: { [JSON_TYPE]: { schema: reference('Problem') } },
})

/** One of them, a list of them, or one a line. */
const oneOrMany = (one: readonly object[], more: readonly object[] = []) => ({
  required: true,
  content: {
    [JSON_TYPE]: {
      schema: { anyOf: [...one, { type: 'array', items: { anyOf: one } }, ...more] },
    },
    'application/x-ndjson': { schema: { type: 'string' } },
    'text/csv': { schema: { type: 'string' } },
  },
})

const SHARE = {
  type: 'object',
  properties: { share: { type: 'number', minimum: 0, maximum: 1, default: 0.05 } },
}

const STRICT = { name: 'strict', schema: { enum: ['0', '1'] } }
const THRESHOLD = { name: 'threshold', schema: { type: 'number', minimum: 0, maximum: 1 } }
const MODEL_VERSION = { name: 'model_version', schema: { type: 'string' } }
const VERSION: Parameter = { name: 'version', where: 'path', schema: { type: 'string' } }
const WINDOW = {
  name: 'window',
  schema: { anyOf: [{ enum: ['hour', 'day', 'week'] }, { type: 'integer', minimum: 20 }] },
}
const LABELLED = { name: 'labelled', schema: { enum: ['0', '1'] } }
const WRITE_FAILURES = ['400', '404', '409', '413', '415', '422', '503']
const SWITCH = { parameters: [VERSION], failures: ['403', '404', '503'] }

const update = operation('Report the true class of predictions', {
  body: oneOrMany([reference('Outcome')]),
  parameters: [STRICT],
  answer: reference('Prediction'),
  failures: WRITE_FAILURES.filter((status) => status !== '409'),
})

/** Every route, as OpenAPI wants it. */
export const PATHS = {
  '/predict': {
    post: operation('Score observations; those with an id are recorded', {
      body: oneOrMany([reference('Envelope'), reference('Observation')], [reference('Records')]),
      parameters: [STRICT],
      answer: {
        anyOf: [
          reference('Prediction'),
          { type: 'object', properties: { prediction: {} } },
          { type: 'array' },
        ],
      },
      failures: WRITE_FAILURES.filter((status) => status !== '404'),
    }),
  },
  '/invocations': {
    post: operation("As MLflow's servers: values alone, nothing is recorded", {
      body: oneOrMany([reference('Observation')], [reference('Records')]),
      parameters: [STRICT],
      answer: { type: 'object', properties: { predictions: { type: 'array' } } },
      failures: ['400', '413', '415', '422'],
    }),
  },
  '/update': { post: update },
  '/outcomes': { post: update },
  '/list-db-contents': {
    get: operation('All predictions in order', {
      parameters: [
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 10_000 } },
        { name: 'after', schema: { type: 'integer', minimum: 0 } },
        { name: 'since', schema: { type: 'string' } },
      ],
      answer: { type: 'array', items: reference('Prediction') },
      failures: ['400', '503'],
    }),
  },
  '/predictions/{id}': {
    get: operation('One prediction with the history of its outcomes', {
      parameters: [{ name: 'id', where: 'path', schema: { type: 'string' } }],
      answer: reference('Prediction'),
      failures: ['404', '503'],
    }),
  },
  '/schema': { get: operation('JSON Schema of an observation') },
  '/openapi.json': { get: operation('This description') },
  '/docs': { get: operation('A page to try it', { type: 'text/html' }) },
  '/export': {
    get: operation('Predictions for retraining', {
      parameters: [{ name: 'format', schema: { enum: ['csv', 'jsonl'] } }, LABELLED],
      type: 'text/csv',
      failures: ['400', '503'],
    }),
  },
  '/models': {
    get: operation('Versions, and which one answers'),
    post: operation('Read versions/ anew', { failures: ['403', '503'] }),
  },
  '/models/{version}/activate': { post: operation('Let this version answer', SWITCH) },
  '/models/rollback': {
    post: operation('Let the version before answer', { failures: ['403', '404', '503'] }),
  },
  '/models/{version}/shadow': {
    post: operation('Ask this version too, after the answer', SWITCH),
    delete: operation('Ask it no longer', SWITCH),
  },
  '/models/{version}/canary': {
    post: operation('Let this version answer a share of ids', {
      ...SWITCH,
      body: { required: false, content: { [JSON_TYPE]: { schema: SHARE } } },
      failures: ['400', ...SWITCH.failures],
    }),
    delete: operation('End the trial', SWITCH),
  },
  '/metrics/performance': {
    get: operation('Quality over time', {
      parameters: [WINDOW, MODEL_VERSION, THRESHOLD],
      failures: ['400', '404', '503'],
    }),
  },
  '/metrics/drift': {
    get: operation('The newest observations against the oldest', {
      parameters: [MODEL_VERSION, { name: 'rows', schema: { type: 'integer', minimum: 1 } }],
      failures: ['400', '404', '503'],
    }),
  },
  '/monitoring': { get: operation('The monitoring page', { type: 'text/html' }) },
  '/healthz': { get: operation('Alive') },
  '/ping': { get: operation('Alive') },
  '/version': { get: operation('The version that answers') },
  '/readyz': { get: operation('Model loaded and database there', { failures: ['503'] }) },
  '/metrics': { get: operation('Counts for Prometheus', { type: 'text/plain' }) },
}
