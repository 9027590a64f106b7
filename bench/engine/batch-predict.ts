import { table } from '@hokku/kit/command-line'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inOrder } from '../../frameworks/engine/batch-predict/in-order.ts'
import { Predictor } from '../../frameworks/engine/batch-predict/predictor.ts'
import { queryLines } from '../../frameworks/engine/batch-predict/query-lines.ts'
import { writeParts } from '../../frameworks/engine/batch-predict/write-parts.ts'
import { machine, median, perSecond, ROUNDS } from './machine.ts'
import { FACTORY, makeDeployment } from './made-up-model.ts'

// node bench/engine/batch-predict.ts: a file of queries, in one thread and in all.
const QUERIES = 6000

const directory = mkdtempSync(join(tmpdir(), 'hokku-bench-'))
const input = join(directory, 'queries.json')
writeFileSync(
  input,
  Array.from({ length: QUERIES }, (_, n) => `{"user":"${n % 1000}","num":10}\n`).join(''),
)
const deployment = makeDeployment(1)
let outputs = 0

async function answerAll(threads: number): Promise<number> {
  const startedMs = performance.now()
  await using predictor = new Predictor({
    deployment,
    project: { directory, engineFactory: FACTORY, hints: {}, env: {} },
    threads,
    log: () => {},
  })
  const answers = inOrder(
    queryLines(input),
    () => predictor.width,
    (lines) => predictor.answer(lines),
  )
  await writeParts(answers, join(directory, `output-${outputs++}`), 1)
  return performance.now() - startedMs
}

const threads = availableParallelism()
const took: { alone: number[]; team: number[] } = { alone: [], team: [] }
for (let round = 0; round < ROUNDS; round++) {
  took.alone.push(await answerAll(1))
  took.team.push(await answerAll(threads))
}
rmSync(directory, { recursive: true })

const ratios = took.alone.map((ms, at) => ms / (took.team[at] ?? NaN))
console.log(`${machine()}; medians of ${ROUNDS} rounds in turn\n`)
console.log(
  table([
    [`batchpredict, ${QUERIES.toLocaleString('en')} × top 10 of 100,000 items`, 'rate'],
    ['1 thread', `${perSecond(QUERIES, median(took.alone))}/s`],
    [`${threads} threads`, `${perSecond(QUERIES, median(took.team))}/s`],
  ]),
)
console.log(`\n${threads} threads / 1 thread: ${median(ratios).toFixed(2)}`)
