import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countStream } from '../../examples/wordcloud/counting/count-stream.ts'
import { STOP_WORDS } from '../../examples/wordcloud/counting/stop-words.ts'
import { rulesOf, type Mode } from '../../examples/wordcloud/counting/words.ts'
import { naturalLine, startRandom } from './text.ts'

const MEGABYTES = 40
const ROUNDS = 3

export type Counting = Readonly<{ way: string; megabytesPerS: number }>

/** The same file by all, in turns; medians. The classic counts must equal Python's. */
export async function measureCounting(): Promise<Counting[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-bench-count-'))
  const file = join(folder, 'text.txt')
  const stopWords = join(folder, 'stop-words')
  writeFileSync(file, makeText(MEGABYTES * 1e6))
  writeFileSync(stopWords, [...STOP_WORDS].join('\n'))

  const ours = async (mode: Mode): Promise<Run> => {
    const startedAt = performance.now()
    const { top } = await countStream(createReadStream(file), rulesOf(mode), 100)
    const counts = top.map(([word, count]) => `${word} ${count}`)
    return { seconds: (performance.now() - startedAt) / 1000, counts }
  }
  const python = (way: 'plain' | 'distinct'): Run => {
    const script = join(import.meta.dirname, 'count.py')
    const printed = execFileSync('python3', [script, way, file, stopWords], { encoding: 'utf8' })
    const [seconds = '', ...counts] = printed.trim().split('\n')
    return { seconds: Number(seconds), counts }
  }

  const times = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    const runs: Record<string, Run> = {
      'ours, classic': await ours('classic'),
      'ours, unicode': await ours('unicode'),
      'python, word by word': python('plain'),
      'python, distinct pieces': python('distinct'),
    }
    for (const [way, { seconds, counts }] of Object.entries(runs)) {
      times.set(way, [...(times.get(way) ?? []), seconds])
      if (way !== 'ours, unicode') assert.deepEqual(counts, runs['ours, classic']?.counts, way)
    }
  }
  rmSync(folder, { recursive: true })
  return [...times].map(([way, seconds]) => ({ way, megabytesPerS: MEGABYTES / median(seconds) }))
}

type Run = Readonly<{ seconds: number; counts: readonly string[] }>

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function makeText(bytes: number): string {
  const random = startRandom()
  const lines: string[] = []
  for (let size = 0; size < bytes;) {
    const line = naturalLine(random)
    lines.push(line)
    size += line.length
  }
  return lines.join('')
}
