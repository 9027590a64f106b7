import type { InstanceLimits } from './engine.ts'

/** A dyno size by Heroku's name. */
export type DynoSize = Readonly<{
  id: string
  name: string
  memoryMb: number
  /** 1 = the share of the smallest size. */
  compute: number
  dedicated: boolean
  /** Threads and processes. */
  processes: number
}>

const shared = (id: string, name: string, memoryMb: number, compute: number, processes: number) =>
  ({ id, name, memoryMb, compute, dedicated: false, processes }) as const
const dedicated = (id: string, name: string, memoryGb: number, compute: number) =>
  ({
    id,
    name,
    memoryMb: memoryGb * 1024,
    compute,
    dedicated: true,
    processes: name === 'Performance-M' ? 16_384 : 32_768,
  }) as const

/** @see https://devcenter.heroku.com/articles/dyno-types — the ids are ours, and constant */
export const DYNO_SIZES: readonly DynoSize[] = [
  shared('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a01', 'Eco', 512, 1, 256),
  shared('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a02', 'Basic', 512, 1, 256),
  shared('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a03', 'Standard-1X', 512, 1, 256),
  shared('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a04', 'Standard-2X', 1024, 2, 512),
  dedicated('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a05', 'Performance-M', 2.5, 12),
  dedicated('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a06', 'Performance-L', 14, 50),
  dedicated('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a07', 'Performance-L-RAM', 30, 24),
  dedicated('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a08', 'Performance-XL', 62, 50),
  dedicated('5a5f1f4c-3f25-4a53-9e0b-8f3f0d2b6a09', 'Performance-2XL', 126, 100),
]

/** Names of earlier years that documents still use. */
const ALIASES: Readonly<Record<string, string>> = {
  free: 'Eco',
  hobby: 'Basic',
  '1x': 'Standard-1X',
  '2x': 'Standard-2X',
  px: 'Performance-L',
}

/** What a process type runs on by default (ruling 23). */
export const DEFAULT_SIZE = 'Basic'

/** The size of that name, in any case of letters, by its present or an earlier name. */
export function findSize(name: string): DynoSize | undefined {
  const key = name.trim().toLowerCase()
  const canonical = (ALIASES[key] ?? key).toLowerCase()
  return DYNO_SIZES.find((size) => size.name.toLowerCase() === canonical)
}

/** The limits of a size; R15 is at twice the memory, as on Heroku's shared sizes. */
export function limitsOf(sizeName: string): InstanceLimits {
  const size = findSize(sizeName) ?? findSize(DEFAULT_SIZE)
  if (size === undefined) throw new TypeError(`${DEFAULT_SIZE} is no size`)
  return {
    memoryMb: size.memoryMb,
    memoryKillMb: size.memoryMb * R15_RATIO,
    cpuShares: size.compute,
    processes: size.processes,
    diskMb: size.dedicated ? 65_536 : 8192 * size.compute,
    filesMax: size.dedicated ? 2_000_000 : 300_000 * size.compute,
  }
}

const R15_RATIO = 2
