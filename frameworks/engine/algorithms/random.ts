/** A source of numbers in [0, 1) that is the same for the same seed, on every machine. */
export type Random = () => number

/** The generator sfc32 (Chris Doty-Humphrey), seeded by splitmix32. */
export function createRandom(seed: number): Random {
  const mix = splitmix(seed)
  let [a, b, c, counter] = [mix(), mix(), mix(), 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return next
}

function splitmix(seed: number): () => number {
  // Seeds may be larger than 32 bits: both halves count.
  let state = (seed ^ Math.floor(seed / 4_294_967_296)) | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
}

/** A draw from the standard normal distribution (Box and Muller). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return radius * Math.cos(2 * Math.PI * random())
}

/** A draw from the Poisson distribution with mean 1 (Knuth). */
export function poissonOne(random: Random): number {
  let count = -1
  let product = 1
  do {
    product *= random()
    count += 1
  } while (product > 1 / Math.E)
  return count
}

/** `count` different numbers below `limit`, in ascending order. */
export function sample(random: Random, count: number, limit: number): number[] {
  const pool = Array.from({ length: limit }, (_, at) => at)
  for (let at = 0; at < Math.min(count, limit); at++) {
    const other = at + Math.floor(random() * (limit - at))
    ;[pool[at], pool[other]] = [pool[other] ?? 0, pool[at] ?? 0]
  }
  return pool.slice(0, count).toSorted((a, b) => a - b)
}
