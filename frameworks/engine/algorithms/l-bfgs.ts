/** A function to minimize: its value, with the gradient written into `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => number

export type LbfgsOptions = Readonly<{
  iterationsMax: number
  /** Stops when the value changes by less than this share of itself. */
  tolerance: number
}>

/**
 * Minimizes by L-BFGS with a backtracking line search (Nocedal and Wright, chapter 7), from zero.
 *
 * @param size length of the points and gradients
 */
export function minimize(objective: Objective, size: number, options: LbfgsOptions): Float64Array {
  const start = { point: new Float64Array(size), gradient: new Float64Array(size) }
  let here: Place = { ...start, value: objective(start.point, start.gradient) }
  const memory: Correction[] = []
  for (let iteration = 0; iteration < options.iterationsMax; iteration++) {
    const direction = descentDirection(here.gradient, memory)
    const slope = dot(direction, here.gradient)
    if (slope > -1e-20) break
    // The first direction is a bare gradient, whose length says nothing about a good step.
    const length = memory.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1
    const found = search(objective, here, { direction, slope, length })
    if (found === undefined) break
    remember(memory, subtract(found.point, here.point), subtract(found.gradient, here.gradient))
    const change = Math.abs(here.value - found.value)
    const isSettled = change <= options.tolerance * Math.max(Math.abs(here.value), 1e-12)
    here = found
    if (isSettled) break
  }
  return here.point
}

/** A point with what the objective is there. */
type Place = Readonly<{ point: Float64Array; gradient: Float64Array; value: number }>

/** Where a search goes: `slope` is the derivative in the direction, `length` the first step tried. */
type Line = Readonly<{ direction: Float64Array; slope: number; length: number }>

type Correction = Readonly<{ step: Float64Array; change: Float64Array; scale: number }>

/** How many corrections approximate the curvature. */
const MEMORY = 10

function remember(memory: Correction[], step: Float64Array, change: Float64Array): void {
  const product = dot(step, change)
  // Without positive curvature the approximation would lose its meaning.
  if (product <= 1e-12) return
  memory.push({ step, change, scale: 1 / product })
  if (memory.length > MEMORY) memory.shift()
}

function descentDirection(gradient: Float64Array, memory: readonly Correction[]): Float64Array {
  const direction = gradient.map((component) => -component)
  const alphas = memory.toReversed().map(({ step, change, scale }) => {
    const alpha = scale * dot(step, direction)
    addScaled(direction, change, -alpha)
    return alpha
  })
  const newest = memory.at(-1)
  if (newest !== undefined) {
    const factor = 1 / (newest.scale * dot(newest.change, newest.change))
    direction.forEach((component, at) => (direction[at] = component * factor))
  }
  for (const [at, { step, change, scale }] of memory.entries()) {
    const beta = scale * dot(change, direction)
    addScaled(direction, step, (alphas[memory.length - 1 - at] ?? 0) - beta)
  }
  return direction
}

/** The first of ever shorter steps that decreases the value enough (Armijo); undefined if none does. */
function search(objective: Objective, from: Place, line: Line): Place | undefined {
  let { length } = line
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const point = from.point.slice()
    addScaled(point, line.direction, length)
    const gradient = new Float64Array(point.length)
    const value = objective(point, gradient)
    if (value <= from.value + SUFFICIENT_DECREASE * length * line.slope) {
      return { point, gradient, value }
    }
    length /= 2
  }
  return undefined
}

const ATTEMPTS_MAX = 40
const SUFFICIENT_DECREASE = 1e-4

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

const subtract = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((component, at) => component - (b[at] ?? 0))

function addScaled(target: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (other[i] ?? 0)
}
