import { problem } from '../problems.ts'
import type { Column, Frame } from './block.ts'
import { castValue, CastError, type Sent } from './cast.ts'
import { showCell, type Cell } from './cell.ts'
import { isNumeric, type ColumnDtype } from './column-dtype.ts'

/** The columns a model was trained on, in order. */
export type FrameSchema = Readonly<{ names: readonly string[]; dtypes: readonly ColumnDtype[] }>

/** An observation as parsed from JSON. */
export type Observation = Readonly<Record<string, unknown>>

/**
 * The frame that the reference server would build, one row an observation. Keys that are no
 * columns are dropped.
 *
 * @throws Problem `observation_invalid` that names the column and the value
 */
export function buildFrame(observations: readonly Observation[], schema: FrameSchema): Frame {
  const columns = schema.names.map((name, i) => buildColumn(observations, name, schema.dtypes[i]!))
  return { kind: 'frame', rows: observations.length, columns, names: schema.names }
}

function buildColumn(
  observations: readonly Observation[],
  name: string,
  dtype: ColumnDtype,
): Column {
  const values = isNumeric(dtype)
    ? new Float64Array(observations.length)
    : Array.from<Cell>({ length: observations.length })
  for (let r = 0; r < observations.length; r++) {
    const observation = observations[r]!
    const sent = Object.hasOwn(observation, name) ? (observation[name] as Sent) : undefined
    // Most values are plain numbers for float columns: no cast, no call.
    values[r] =
      typeof sent === 'number' && dtype.name === 'float64' ? sent : castOrRefuse(dtype, name, sent)
  }
  return { name, dtype, values }
}

function castOrRefuse(dtype: ColumnDtype, column: string, sent: Sent): Cell {
  try {
    return castValue(dtype, sent)
  } catch (error) {
    if (!(error instanceof CastError)) throw error
    throw problem('observation_invalid', `Column ${column} (${dtype.name}): ${error.message}.`, {
      details: { details: [{ column, problem: error.message, got: showCell(sent) }] },
    })
  }
}
