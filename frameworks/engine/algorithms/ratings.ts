/**
 * A sparse matrix by compressed sparse rows: row r has the columns
 * `columns[starts[r]] … columns[starts[r + 1] - 1]`, with the values at the same places.
 *
 * Shapes, for m rows and n values: `starts` m + 1, `columns` n, `values` n.
 */
export type CsrMatrix = Readonly<{
  starts: Int32Array
  columns: Int32Array
  values: Float32Array
}>

/** Who rated what, from both sides, in memory that threads share. */
export type Ratings = Readonly<{
  users: readonly string[]
  items: readonly string[]
  byUser: CsrMatrix
  byItem: CsrMatrix
}>

/** Collects ratings as they are read; ids become numbers in the order of their first appearance. */
export class RatingsBuilder {
  readonly #users = new Map<string, number>()
  readonly #items = new Map<string, number>()
  #rows = new Int32Array(1024)
  #columns = new Int32Array(1024)
  #values = new Float32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(user: string, item: string, value: number): void {
    if (this.#length === this.#rows.length) this.#grow()
    this.#rows[this.#length] = indexOf(this.#users, user)
    this.#columns[this.#length] = indexOf(this.#items, item)
    this.#values[this.#length] = value
    this.#length += 1
  }

  build(): Ratings {
    const rows = this.#rows.subarray(0, this.#length)
    const columns = this.#columns.subarray(0, this.#length)
    const values = this.#values.subarray(0, this.#length)
    return {
      users: [...this.#users.keys()],
      items: [...this.#items.keys()],
      byUser: groupRows(rows, columns, values, this.#users.size),
      byItem: groupRows(columns, rows, values, this.#items.size),
    }
  }

  #grow(): void {
    const length = this.#rows.length * 2
    this.#rows = extended(new Int32Array(length), this.#rows)
    this.#columns = extended(new Int32Array(length), this.#columns)
    this.#values = extended(new Float32Array(length), this.#values)
  }
}

/** The ratings of all other items, in their order. */
export function ratingsWithout(
  { users, items, byUser }: Ratings,
  left: ReadonlySet<string>,
): Ratings {
  const builder = new RatingsBuilder()
  for (const [row, user] of users.entries()) {
    for (let at = byUser.starts[row] ?? 0; at < (byUser.starts[row + 1] ?? 0); at++) {
      const item = items[byUser.columns[at] ?? 0] ?? ''
      if (!left.has(item)) builder.add(user, item, byUser.values[at] ?? 0)
    }
  }
  return builder.build()
}

function indexOf(indexes: Map<string, number>, id: string): number {
  const known = indexes.get(id)
  if (known !== undefined) return known
  indexes.set(id, indexes.size)
  return indexes.size - 1
}

function extended<A extends Int32Array | Float32Array>(larger: A, smaller: A): A {
  larger.set(smaller)
  return larger
}

/**
 * Triplets as compressed sparse rows, by a counting sort: stable, so that results do not depend on more than the
 * order of arrival.
 *
 * @param rows row of each value; `columns` and `values` are as long
 */
export function groupRows(
  rows: Int32Array,
  columns: Int32Array,
  values: Float32Array,
  rowCount: number,
): CsrMatrix {
  const starts = new Int32Array(shared(rowCount + 1))
  for (const row of rows) starts[row + 1] = (starts[row + 1] ?? 0) + 1
  for (let row = 0; row < rowCount; row++) {
    starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0)
  }
  const next = starts.slice()
  const sortedColumns = new Int32Array(shared(rows.length))
  const sortedValues = new Float32Array(shared(rows.length))
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0
    const target = next[row] ?? 0
    next[row] = target + 1
    sortedColumns[target] = columns[at] ?? 0
    sortedValues[target] = values[at] ?? 0
  }
  return { starts, columns: sortedColumns, values: sortedValues }
}

/** Memory for so many 32-bit numbers that worker threads see, too. */
export const shared = (length: number): SharedArrayBuffer => new SharedArrayBuffer(length * 4)
