import type { Bundle } from '../bundle/load-folder.ts'
import { sampleObservation } from '../bundle/measure-row.ts'
import { observationSchema } from './schema.ts'

/** OpenAPI 3.1 description of the service for one model. */
export function openApi(bundle: Bundle): object {
  const example = sampleObservation(bundle.model)
  const envelope = {
    type: 'object',
    required: ['id', 'observation'],
    properties: {
      id: { type: ['integer', 'string'] },
      observation: { $ref: '#/components/schemas/Observation' },
    },
    example: { id: 0, observation: example },
  }
  const outcome = {
    type: 'object',
    required: ['id', 'true_class'],
    properties: {
      id: { type: ['integer', 'string'] },
      true_class:
        bundle.model.kind === 'classifier'
          ? { enum: [...bundle.model.classes, null] }
          : { type: ['number', 'null'] },
    },
  }
  return {
    openapi: '3.1.0',
    info: { title: bundle.name, version: bundle.version },
    paths: {
      '/predict': {
        post: operation(
          'Score an observation; with an id it is recorded',
          {
            oneOf: [
              { $ref: '#/components/schemas/Envelope' },
              { $ref: '#/components/schemas/Observation' },
              { type: 'array', items: { $ref: '#/components/schemas/Envelope' } },
            ],
          },
          ['400', '409', '415', '422'],
        ),
      },
      '/update': {
        post: operation('Report the true class of a prediction', outcome, [
          '400',
          '404',
          '415',
          '422',
        ]),
      },
      '/list-db-contents': {
        get: {
          summary: 'All predictions in order',
          parameters: ['limit', 'after', 'since'].map((name) => ({
            name,
            in: 'query',
            schema: { type: 'string' },
          })),
          responses: OK,
        },
      },
      '/predictions/{id}': {
        get: {
          summary: 'One prediction with its outcomes',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: OK,
        },
      },
      '/schema': { get: { summary: 'JSON Schema of an observation', responses: OK } },
      '/export.csv': { get: { summary: 'Predictions for retraining', responses: OK } },
      '/export.jsonl': { get: { summary: 'Predictions for retraining', responses: OK } },
      '/models': { get: { summary: 'Versions, and which one answers', responses: OK } },
      '/monitoring/data': { get: { summary: 'Numbers behind the monitoring page', responses: OK } },
    },
    components: {
      schemas: { Observation: { ...observationSchema(bundle), example }, Envelope: envelope },
    },
  }
}

const OK = { '200': { description: 'OK' } }

const MEANINGS: Readonly<Record<string, string>> = {
  '400': 'Malformed request',
  '404': 'No prediction has this id',
  '409': 'The id exists already; nothing was overwritten',
  '415': 'The body is not application/json',
  '422': 'The observation does not fit the model; all problems are named',
}

const operation = (summary: string, schema: object, failures: readonly string[]): object => ({
  summary,
  requestBody: { required: true, content: { 'application/json': { schema } } },
  responses: {
    ...OK,
    ...Object.fromEntries(failures.map((status) => [status, { description: MEANINGS[status] }])),
  },
})
