import type { Bundle } from '../bundle/load-folder.ts'
import { sampleObservation } from '../bundle/measure-row.ts'
import { PATHS, reference } from './openapi-paths.ts'
import { observationSchema } from './schema.ts'

/** OpenAPI 3.1 description of the service for one model. */
export function openApi(bundle: Bundle, hasToken: boolean): object {
  return {
    openapi: '3.1.0',
    info: { title: bundle.name, version: bundle.version },
    servers: [{ url: '.' }],
    ...(hasToken ? { security: [{ bearer: [] }, { basic: [] }] } : {}),
    paths: PATHS,
    components: {
      schemas: {
        ...observationSchemas(bundle),
        Records: RECORDS,
        Outcome: outcomeSchema(bundle),
        Prediction: predictionSchema(bundle),
        Problem: PROBLEM,
      },
      ...(hasToken ? { securitySchemes: SECURITY } : {}),
    },
  }
}

const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic' },
}

const RECORDS = {
  type: 'object',
  properties: {
    dataframe_records: { type: 'array', items: reference('Observation') },
    dataframe_split: {
      type: 'object',
      required: ['columns', 'data'],
      properties: {
        columns: { type: 'array', items: { type: 'string' } },
        data: { type: 'array', items: { type: 'array' } },
      },
    },
    instances: { type: 'array' },
    inputs: { anyOf: [{ type: 'array' }, { type: 'object' }] },
  },
}

const PROBLEM = {
  type: 'object',
  required: ['error', 'code'],
  properties: {
    error: { type: 'string' },
    code: { type: 'string' },
    hint: { type: 'string' },
    details: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          column: { type: 'string' },
          problem: { type: 'string' },
          got: { type: 'string' },
          allowed: { type: 'array' },
        },
      },
    },
  },
}

const ID = { type: ['integer', 'string'], maxLength: 256 }

function observationSchemas(bundle: Bundle): object {
  const example = sampleObservation(bundle.model)
  return {
    Observation: { ...observationSchema(bundle), example },
    Envelope: {
      type: 'object',
      required: ['id', 'observation'],
      properties: { id: ID, observation: reference('Observation') },
      example: { id: 0, observation: example },
    },
  }
}

function outcomeSchema({ model }: Bundle): object {
  const labels =
    model.kind === 'classifier' ? { enum: [...model.classes, null] } : { type: ['number', 'null'] }
  return {
    type: 'object',
    required: ['id', 'true_class'],
    properties: { id: ID, true_class: labels },
  }
}

function predictionSchema({ model }: Bundle): object {
  const answer =
    model.kind === 'regressor'
      ? { prediction: { type: 'number' } }
      : { predicted_class: {}, proba: { type: ['number', 'null'] } }
  return {
    type: 'object',
    properties: {
      id: { type: 'integer', description: "The row's own key" },
      observation_id: { ...ID, description: "The caller's id" },
      ...answer,
      true_class: {},
      ...(model.classes.length > 2 ? { probabilities: { type: 'object' } } : {}),
    },
  }
}
