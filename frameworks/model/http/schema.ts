import { columnFacts, type ColumnFacts } from '../bundle/column-facts.ts'
import type { Bundle } from '../bundle/load-folder.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** JSON Schema of an observation, from the training columns and what encoders know. */
export function observationSchema(bundle: Bundle): JsonSchema {
  const facts = columnFacts(bundle.model)
  return {
    type: 'object',
    additionalProperties: false,
    required: facts.map((column) => column.name),
    properties: Object.fromEntries(facts.map((column) => [column.name, columnSchema(column)])),
  }
}

function columnSchema(column: ColumnFacts): JsonSchema {
  const { dtype, values, isClosed } = column
  const type = TYPES[dtype.kind]
  const isNullable = dtype.isNullable || !['int', 'uint', 'bool'].includes(dtype.kind)
  return {
    ...(type === undefined ? {} : { type: isNullable ? [type, 'null'] : type }),
    ...(isClosed && values !== undefined
      ? { enum: [...values, ...(isNullable ? [null] : [])] }
      : {}),
    ...(!isClosed && values !== undefined ? { examples: values.slice(0, 20) } : {}),
    description: `${dtype.name} at training`,
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  uint: 'integer',
  float: 'number',
  bool: 'boolean',
  string: 'string',
  datetime: 'string',
}
