import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { line } from './line.ts'

/** Appends 200,000 lines a second, a fiftieth of them at a time: `writer.ts <file> <lines>`. */
const [file = '', lines = '0'] = process.argv.slice(2)
const portion = line.repeat(4000)
const startedAt = performance.now()

for (let i = 0; i < Number(lines) / 4000; i++) {
  await setTimeout(startedAt + i * 20 - performance.now())
  appendFileSync(file, portion)
}
