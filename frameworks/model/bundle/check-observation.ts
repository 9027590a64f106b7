import type { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import type { Observation } from '../frames/build-frame.ts'
import { keyOf, showCell, type Cell } from '../frames/cell.ts'
import type { ColumnDtype } from '../frames/column-dtype.ts'
import type { ColumnFacts } from './column-facts.ts'

/** One thing that is wrong with an observation. */
export type Fault = Readonly<{
  column: string
  problem: string
  got?: string
  allowed?: readonly Cell[]
}>

/**
 * Checks an observation against the columns the model was trained on, and names all that is wrong
 * at once: columns missing, columns unknown, values of another type, values never seen where the
 * model refuses such.
 *
 * @returns undefined if nothing is wrong
 */
export function checkObservation(
  observation: Observation,
  facts: readonly ColumnFacts[],
): Problem | undefined {
  const faults: Fault[] = facts.flatMap((column) => {
    if (!Object.hasOwn(observation, column.name)) {
      return [{ column: column.name, problem: 'is missing' }]
    }
    const sent = observation[column.name] as Cell
    const fault = valueFault(sent, column)
    return fault === undefined ? [] : [{ column: column.name, got: showCell(sent), ...fault }]
  })
  const names = new Set(facts.map((column) => column.name))
  for (const name of Object.keys(observation)) {
    if (!names.has(name)) faults.push({ column: name, problem: 'is not a column of the model' })
  }
  if (faults.length === 0) return undefined
  return problem('observation_invalid', messageOf(faults), {
    hint: 'Send ?strict=0 to have values cast as the Python server casts them.',
    details: { details: faults.slice(0, FAULTS_SHOWN_MAX) },
  })
}

const FAULTS_SHOWN_MAX = 200

const messageOf = (faults: readonly Fault[]): string => {
  const shown = faults
    .slice(0, 10)
    .map(
      ({ column, problem: what, got }) =>
        `${column} ${what}${got === undefined ? '' : ` (got ${got})`}`,
    )
  const more = faults.length > shown.length ? `; and ${faults.length - shown.length} more` : ''
  return `The observation does not fit the model: ${shown.join('; ')}${more}.`
}

type ValueFault = Readonly<{ problem: string; allowed?: readonly Cell[] }>

function valueFault(sent: Cell, { dtype, values, isClosed }: ColumnFacts): ValueFault | undefined {
  if (sent === null) return mayBeNull(dtype) ? undefined : { problem: 'must not be null' }
  if (typeof sent === 'object') return { problem: 'must not be a list or an object' }
  const type = typeFault(sent, dtype)
  if (type !== undefined) return { problem: type }
  if (values === undefined) return undefined
  if (isClosed && !values.some((value) => keyOf(value) === keyOf(sent))) {
    return {
      problem: 'is not one of the known values',
      allowed: values.slice(0, ALLOWED_SHOWN_MAX),
    }
  }
  const isText = values.every(
    (value) => typeof value === 'string' || value === null || value !== value,
  )
  return isText && typeof sent !== 'string' ? { problem: 'must be a text' } : undefined
}

const ALLOWED_SHOWN_MAX = 50

/** Integers and plain flags have no way to say "missing". */
const mayBeNull = (dtype: ColumnDtype): boolean =>
  dtype.isNullable || !(dtype.kind === 'int' || dtype.kind === 'uint' || dtype.kind === 'bool')

function typeFault(sent: Cell, dtype: ColumnDtype): string | undefined {
  switch (dtype.kind) {
    case 'int':
    case 'uint':
      return integerFault(sent, dtype)
    case 'float':
      return typeof sent === 'number' || typeof sent === 'bigint' ? undefined : 'must be a number'
    case 'bool':
      return typeof sent === 'boolean' ? undefined : 'must be true or false'
    case 'string':
      return typeof sent === 'string' ? undefined : 'must be a text'
    case 'datetime':
      return typeof sent === 'string' && !Number.isNaN(Date.parse(sent))
        ? undefined
        : 'must be a time'
    case 'object':
    case 'category':
      return undefined
  }
}

function integerFault(sent: Cell, dtype: ColumnDtype): string | undefined {
  if (typeof sent !== 'bigint' && !(typeof sent === 'number' && Number.isInteger(sent))) {
    return 'must be an integer'
  }
  const [least, most] =
    dtype.kind === 'uint'
      ? [0n, 2n ** BigInt(dtype.bits) - 1n]
      : [-(2n ** BigInt(dtype.bits - 1)), 2n ** BigInt(dtype.bits - 1) - 1n]
  const value = BigInt(sent)
  return value < least || value > most ? `must be between ${least} and ${most}` : undefined
}
