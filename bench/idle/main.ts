import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { table } from '@hokku/kit/command-line'
import { checkOutFixture, eventually, startPlatform } from '../../tests/stories/platform.ts'

/** `node bench/idle/main.ts`: what hokku itself takes when nothing happens. Linux only. */
const REST_S = 20

const platform = await startPlatform()
try {
  const folder = await checkOutFixture(platform, 'counter')
  await platform.sh(
    'heroku create counter && git push heroku main && heroku addons:create heroku-postgresql --wait',
    { cwd: folder },
  )
  await eventually(async () => ((await platform.get('counter')).status === 200 ? true : undefined))
  await platform.sh('heroku ps:scale web=0', { cwd: folder })
  await sleep(5000)

  const status = await platform.status()
  const parts: Record<string, number[]> = {
    supervisor: [status.supervisor.pid],
    'control plane': [status.controlPlane.pid],
    router: [status.router.pid],
    PostgreSQL: [status.postgres.pid, ...childrenOf(status.postgres.pid)],
  }
  const before = Object.values(parts).flat().map(cpuMs)
  await sleep(REST_S * 1000)
  const after = Object.values(parts).flat().map(cpuMs)
  const cpu = (sum(after) - sum(before)) / (REST_S * 10)

  const rows = Object.entries(parts).map(([name, pids]) => [name, ...memory(pids)])
  const all = memory(Object.values(parts).flat())
  console.log(
    table([
      ['', 'resident', 'its share of shared pages'],
      ...rows,
      ['all', ...all],
      ['CPU', `${cpu.toFixed(2)} %`],
    ]),
  )
} finally {
  await platform.stop()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

function memory(pids: readonly number[]): string[] {
  const mb = (field: string): string => {
    const kb = pids.map((pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    })
    return `${(sum(kb) / 1024).toFixed(0)} MB`
  }
  return [mb('Rss'), mb('Pss')]
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return []
  }
}
