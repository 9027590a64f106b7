/**
 * The `count` smallest of `values`, as NumPy's `argpartition` picks them. Where several values are
 * equal to the largest of these, its order of exchanges decides which of them are in, and so this
 * goes through the same ones: introselect, without the instructions that newer processors add.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.partition.html
 */
export function smallest(values: Float64Array, count: number): number[] {
  const order = Int32Array.from(values.keys())
  const selection = new Selection(values, order)
  if (count < values.length) selection.run(count - 1)
  return [...order.subarray(0, count)]
}

class Selection {
  readonly #values: Float64Array
  readonly #order: Int32Array

  constructor(values: Float64Array, order: Int32Array) {
    this.#values = values
    this.#order = order
  }

  /** Puts the value of rank `kth` in its place, smaller ones before it and larger ones behind. */
  run(kth: number): void {
    if (kth < SIMPLE_BELOW) {
      this.#pickInTurn(kth)
      return
    }
    let [low, high] = [0, this.#order.length - 1]
    while (low + 1 < high) {
      const [ll, hh] = this.#partition(low, high)
      if (hh >= kth) high = hh - 1
      if (hh <= kth) low = ll
    }
    if (high === low + 1 && this.#at(high) < this.#at(low)) this.#swap(high, low)
  }

  /** For the first few: the smallest, then the next. */
  #pickInTurn(kth: number): void {
    for (let i = 0; i <= kth; i++) {
      let least = i
      for (let k = i + 1; k < this.#order.length; k++) if (this.#at(k) < this.#at(least)) least = k
      this.#swap(i, least)
    }
  }

  /** Around the median of the first, the middle and the last value. @returns where the sides meet */
  #partition(low: number, high: number): [number, number] {
    const middle = low + ((high - low) >> 1)
    if (this.#at(high) < this.#at(middle)) this.#swap(high, middle)
    if (this.#at(high) < this.#at(low)) this.#swap(high, low)
    if (this.#at(low) < this.#at(middle)) this.#swap(low, middle)
    this.#swap(middle, low + 1)
    const pivot = this.#at(low)
    let [ll, hh] = [low + 1, high]
    for (;;) {
      do ll++
      while (this.#at(ll) < pivot)
      do hh--
      while (pivot < this.#at(hh))
      if (hh < ll) break
      this.#swap(ll, hh)
    }
    this.#swap(low, hh)
    return [ll, hh]
  }

  #at(place: number): number {
    return this.#values[this.#order[place]!]!
  }

  #swap(a: number, b: number): void {
    const kept = this.#order[a]!
    this.#order[a] = this.#order[b]!
    this.#order[b] = kept
  }
}

/** Up to this rank NumPy looks for one minimum after the other. */
const SIMPLE_BELOW = 3
