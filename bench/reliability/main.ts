import { table } from '@hokku/kit/command-line'
import { die, pushCounter, type Victim } from '../../tests/stories/deaths.ts'
import { startPlatform } from '../../tests/stories/platform.ts'

/** `node bench/reliability/main.ts`: what users see when a part is killed; docs/reliability.md. */
const VICTIMS: readonly Victim[] = ['control plane', 'router', 'dyno', 'PostgreSQL', 'supervisor']

const platform = await startPlatform()
try {
  await pushCounter(platform)
  const rows = [
    [
      'killed',
      'requests',
      'failed',
      'longest gap',
      'lost log lines',
      'config changes',
      'lost',
      'back after',
    ],
  ]
  for (const victim of VICTIMS) {
    const report = await die(platform, victim)
    rows.push([
      victim,
      String(report.load.requests),
      `${report.load.failed} ${Object.keys(report.load.reasons).join(', ')}`,
      `${report.load.gapMs} ms`,
      String(report.lostLines),
      String(report.configChanges),
      String(report.lostConfigChanges),
      `${report.backMs} ms`,
    ])
  }
  console.log(table(rows))
} finally {
  await platform.stop()
}
