/** Keeps the smallest distances seen; of equal ones the first that came. */
export class NearestHeap {
  readonly #distances: Float64Array
  readonly #rows: Int32Array

  constructor(size: number) {
    this.#distances = new Float64Array(size).fill(Infinity)
    this.#rows = new Int32Array(size).fill(-1)
  }

  get largest(): number {
    return this.#distances[0]!
  }

  /** Takes the place of the largest, if smaller, and sinks to where it belongs. */
  push(distance: number, row: number): void {
    const [distances, rows, size] = [this.#distances, this.#rows, this.#distances.length]
    if (distance >= distances[0]!) return
    let at = 0
    for (;;) {
      const [first, second] = [2 * at + 1, 2 * at + 2]
      if (first >= size) break
      const child = second >= size || distances[first]! >= distances[second]! ? first : second
      if (distance >= distances[child]!) break
      distances[at] = distances[child]!
      rows[at] = rows[child]!
      at = child
    }
    distances[at] = distance
    rows[at] = row
  }

  rows(): number[] {
    return [...this.#rows].filter((row) => row >= 0)
  }
}
