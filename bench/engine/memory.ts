import { table } from '@hokku/kit/command-line'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWorkbench, fixture, newApp, postJson } from '../../frameworks/engine/testing.ts'

// node bench/engine/memory.ts: resident memory of training and serving Heroku's example. Linux only.
await using bench = await createWorkbench()
const { id } = await newApp(bench, 'plans')
await bench.pio(['import', '--appid', id, '--input', fixture('data/service-plan-events.json')])
writeFileSync(
  join(bench.directory, 'engine.json'),
  JSON.stringify({
    id: 'default',
    engineFactory: 'org.template.classification.ClassificationEngine',
    datasource: { params: { appName: 'plans' } },
    algorithms: [
      { name: 'randomforest', params: { numClasses: 8, numTrees: 34, maxDepth: 4, maxBins: 100 } },
    ],
  }),
)

let isTraining = true
const training = bench.pio(['train']).finally(() => (isTraining = false))
let trainingKb = 0
while (isTraining) {
  trainingKb = Math.max(
    trainingKb,
    residentKb((line) => line.includes('pio.ts train')),
  )
  await sleep(20)
}
const { code } = await training
// Started before, as in a slug, where the buildpack has filled the cache of compiled code.
await (await bench.start(['deploy', '--port', '0']))[Symbol.asyncDispose]()
await using server = await bench.start(['deploy', '--ip', '127.0.0.1', '--port', '0'])
const query = { voice_usage: 12, data_usage: 0, text_usage: 4 }
for (let n = 0; n < 2000; n++) await postJson(`${server.url}/queries.json`, query)
const servingKb = residentKb((line) => line.includes('pio.ts deploy'))

console.log(
  table([
    ['', 'resident', 'limit'],
    [`train (exit code ${code}), supervisor included`, megabytes(trainingKb), '256 MB'],
    ['deploy, after 2,000 queries', megabytes(servingKb), '128 MB'],
  ]),
)

/** Of all processes whose command line matches and whose home is our bench. */
function residentKb(matches: (commandLine: string) => boolean): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(bench.databaseUrl)
        if (!isOurs || !matches(commandLine)) return 0
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
      } catch {
        // The process has ended meanwhile.
        return 0
      }
    })
    .reduce((sum, kb) => sum + kb, 0)
}

function megabytes(kb: number): string {
  return `${(kb / 1024).toFixed(0)} MB`
}
