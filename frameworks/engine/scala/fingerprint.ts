import { createHash } from 'node:crypto'
import { normalizeScala } from './normalize.ts'

/** Twelve hexadecimal digits that two Scala sources share if they say the same. */
export const fingerprintOf = (source: string): string =>
  createHash('sha256').update(normalizeScala(source)).digest('hex').slice(0, 12)
