import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countStream } from '../../examples/wordcloud/counting/count-stream.ts'
import { STOP_WORDS } from '../../examples/wordcloud/counting/stop-words.ts'
import { rulesOf } from '../../examples/wordcloud/counting/words.ts'

const MEGABYTES = 40

/** The same file by both, in turns; the better of two rounds each. The counts must be equal. */
export async function measureCounting() {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-bench-count-'))
  const file = join(folder, 'text.txt')
  const stopWords = join(folder, 'stop-words')
  writeFileSync(file, makeText(MEGABYTES * 1e6))
  writeFileSync(stopWords, [...STOP_WORDS].join('\n'))
  const rates = { ours: 0, python: 0 }
  for (let round = 0; round < 2; round++) {
    const startedAt = performance.now()
    const { top } = await countStream(createReadStream(file), rulesOf('classic'), 100)
    rates.ours = Math.max(rates.ours, MEGABYTES / ((performance.now() - startedAt) / 1000))

    const script = join(import.meta.dirname, 'count.py')
    const printed = execFileSync('python3', [script, file, stopWords], { encoding: 'utf8' })
    const [seconds = '1', ...lines] = printed.trim().split('\n')
    rates.python = Math.max(rates.python, MEGABYTES / Number(seconds))
    assert.deepEqual(
      top.map(([word, count]) => `${word} ${count}`),
      lines,
    )
  }
  rmSync(folder, { recursive: true })
  return {
    megabytes: MEGABYTES,
    oursMBPerS: Math.round(rates.ours),
    pythonMBPerS: Math.round(rates.python),
  }
}

/** Lines of words with a long tail, punctuation and a few addresses. */
function makeText(bytes: number): string {
  let state = 1
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const lines: string[] = []
  for (let size = 0; size < bytes;) {
    const words = Array.from({ length: 12 }, () => {
      const rank = Math.floor(50_000 ** random())
      const word = rank < 180 ? ([...STOP_WORDS][rank] ?? 'x') : `word${rank.toString(36)}`
      return rank % 9 === 0 ? `"${word},` : rank % 50 === 1 ? `http://${word}` : word
    })
    const line = `${words.join(' ')}.\n`
    lines.push(line)
    size += line.length
  }
  return lines.join('')
}
