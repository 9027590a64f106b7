import type { Sparse } from '../frames/block.ts'
import { columnCells } from '../frames/to-objects.ts'
import { unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { normalizeSparse, normOf } from './scalers.ts'
import { readAnalyzer } from './text-analyzer.ts'
import { documentOf, fromRows } from './vectorizers.ts'

/** HashingVectorizer: terms are counted in the column that their hash names. */
export const hashingVectorizer: Compiler = (estimator) => {
  const columns = estimator.number('n_features', 2 ** 20)
  if (!(Number.isInteger(columns) && columns > 0 && columns < 2 ** 31)) {
    throw unsupported(estimator, `with ${columns} features`)
  }
  const analyze = readAnalyzer(estimator)
  const [isBinary, isSigned] = [
    estimator.flag('binary', false),
    estimator.flag('alternate_sign', true),
  ]
  const norm = estimator.get('norm')
  const rowOf = (text: string): [number, number][] => {
    const counts = new Map<number, number>()
    for (const term of analyze(text)) {
      const hash = murmur3(Buffer.from(term))
      const place =
        hash === -(2 ** 31) ? (2 ** 31 - 1 - (columns - 1)) % columns : Math.abs(hash) % columns
      counts.set(place, (counts.get(place) ?? 0) + (isSigned && hash < 0 ? -1 : 1))
    }
    const entries = [...counts].toSorted(([a], [b]) => a - b)
    return isBinary ? entries.map(([place]) => [place, 1]) : entries
  }
  return {
    name: estimator.name,
    isSparse: true,
    transform: (block) => {
      const rows = columnCells(block, 0).map((cell) => rowOf(documentOf(cell)))
      const counts: Sparse = fromRows(rows, columns)
      return typeof norm === 'string' ? normalizeSparse(counts, normOf(norm)) : counts
    },
    sizes: { columns },
  }
}

/**
 * MurmurHash3 of 32 bits with seed 0, signed.
 *
 * @see https://github.com/aappleby/smhasher/wiki/MurmurHash3
 */
export function murmur3(bytes: Buffer): number {
  let hash = 0
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(bytes.readInt32LE(at))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | bytes[at]!
  hash ^= scramble(rest) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
