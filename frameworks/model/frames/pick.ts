import { matrix, widthOf, type Block, type Column, type Frame, type Sparse } from './block.ts'

/** The columns at `positions`, in that order. */
export function pick(block: Block, positions: readonly number[]): Block {
  switch (block.kind) {
    case 'frame':
      return pickFrame(block, positions)
    case 'dense': {
      const out = matrix(block.rows, positions.length)
      for (let r = 0; r < block.rows; r++) {
        for (let c = 0; c < positions.length; c++) {
          out.data[r * positions.length + c] = block.data[r * block.columns + positions[c]!]!
        }
      }
      return out
    }
    case 'objects': {
      const rows = Array.from({ length: block.rows }, (_, r) =>
        positions.map((position) => block.cells[r * block.columns + position]!),
      )
      return { ...block, columns: positions.length, cells: rows.flat() }
    }
    case 'sparse':
      return pickSparse(block, positions)
    case 'series':
      return block
  }
}

/** One column without its second dimension. */
export function pickSeries(block: Block, position: number): Block {
  if (block.kind === 'frame') {
    return { kind: 'series', rows: block.rows, column: block.columns[position]! }
  }
  return pick(block, [position])
}

const namesOf = new WeakMap<readonly number[], readonly string[]>()

function pickFrame(frame: Frame, positions: readonly number[]): Frame {
  const columns: Column[] = positions.map((position) => frame.columns[position]!)
  let names = namesOf.get(positions)
  if (names === undefined) {
    names = columns.map((column) => column.name)
    namesOf.set(positions, names)
  }
  return { kind: 'frame', rows: frame.rows, columns, names }
}

function pickSparse(block: Sparse, positions: readonly number[]): Sparse {
  const places = new Int32Array(widthOf(block)).fill(-1)
  positions.forEach((position, place) => (places[position] = place))
  const starts = new Int32Array(block.rows + 1)
  const indices: number[] = []
  const values: number[] = []
  for (let r = 0; r < block.rows; r++) {
    for (let at = block.starts[r]!; at < block.starts[r + 1]!; at++) {
      const place = places[block.indices[at]!]!
      if (place < 0) continue
      indices.push(place)
      values.push(block.values[at]!)
    }
    starts[r + 1] = indices.length
  }
  return {
    kind: 'sparse',
    rows: block.rows,
    columns: positions.length,
    starts,
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  }
}
