import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { table } from '@hokku/kit/command-line'
import { startLoad } from '../../tests/stories/load.ts'
import { checkOutFixture, eventually, startPlatform } from '../../tests/stories/platform.ts'

/**
 * `node bench/push/main.ts`: from `git push` to the first answer of the new version, with a warm
 * cache and requests in progress. Piku, measured elsewhere: 3.3 s (1.8-4.3), 48 of 187 requests failed.
 */
const PUSHES = 7

const platform = await startPlatform()
try {
  const folder = await checkOutFixture(platform, 'counter')
  await platform.sh('heroku create counter && git push heroku main', { cwd: folder })
  await eventually(async () => ((await platform.get('counter')).status === 200 ? true : undefined))

  const times: { toAnswerMs: number; pushMs: number }[] = []
  let failed = 0
  let requests = 0
  for (let push = 1; push <= PUSHES; push++) {
    const mark = `push ${push}`
    await appendFile(join(folder, 'counter.js'), `process.env.MARK = '${mark}'\n`)
    await platform.sh(`git commit -qam '${mark}'`, { cwd: folder })
    const load = startLoad(platform.port, `counter.localhost:${platform.port}`, 2)
    const startedAt = performance.now()
    const pushed = platform.sh('git push heroku main', { cwd: folder })
    await eventually(async () =>
      (await platform.get('counter')).text.trim() === mark ? true : undefined,
    )
    const toAnswerMs = performance.now() - startedAt
    await pushed
    times.push({ toAnswerMs, pushMs: performance.now() - startedAt })
    const report = await load.stop()
    failed += report.failed
    requests += report.requests
  }
  const seconds = (pick: (time: (typeof times)[number]) => number): string => {
    const sorted = times.map(pick).toSorted((a, b) => a - b)
    const show = (ms = 0): string => (ms / 1000).toFixed(1)
    return `${show(sorted[PUSHES >> 1])} s (${show(sorted[0])}-${show(sorted.at(-1))})`
  }
  console.log(
    table([
      ['push to first answer, median of 7', seconds((time) => time.toAnswerMs)],
      ['push to prompt', seconds((time) => time.pushMs)],
      ['failed requests meanwhile', `${failed} of ${requests}`],
    ]),
  )
} finally {
  await platform.stop()
}
