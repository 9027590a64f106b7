import { setTimeout as sleep } from 'node:timers/promises'
import { startLoad, type LoadReport } from './load.ts'
import { checkOutFixture, eventually, type TestPlatform } from './platform.ts'

/** What can be killed while it works. */
export type Victim = 'control plane' | 'router' | 'dyno' | 'PostgreSQL' | 'supervisor'

export type DeathReport = Readonly<{
  victim: Victim
  load: LoadReport
  /** Lines missing in the app's log between the first and the last seen. */
  lostLines: number
  /** Config changes that were acknowledged, and of those the ones that are gone. */
  configChanges: number
  lostConfigChanges: number
  /** From the kill to the first good answer of the killed part, in milliseconds. */
  backMs: number
}>

/** Pushes the app that the deaths are tried on: it counts its lines, so that a lost one shows. */
export async function pushCounter(platform: TestPlatform): Promise<string> {
  const folder = await checkOutFixture(platform, 'counter')
  await platform.sh('heroku create counter && git push heroku main', { cwd: folder })
  await platform.sh('heroku addons:create heroku-postgresql --wait && heroku ps:scale web=2', {
    cwd: folder,
  })
  await eventually(async () => ((await platform.get('counter')).status === 200 ? true : undefined))
  return folder
}

/** Kills one process with SIGKILL under load, and looks at what a user would have seen. */
export async function die(platform: TestPlatform, victim: Victim): Promise<DeathReport> {
  const load = startLoad(platform.port, `counter.localhost:${platform.port}`)
  const changes = startConfigChanges(platform)
  await sleep(1500)
  const pid = await pidOf(platform, victim)

  const killedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  await eventually(async () => await isBack(platform, victim, pid), 60_000)
  const backMs = Math.round(performance.now() - killedAt)

  await sleep(1500)
  const report = await load.stop()
  const acknowledged = await changes.stop()
  const config = await eventually(async () => await readConfig(platform))
  const lost = acknowledged.filter((value) => Number(config['ROUND']) < value)
  return {
    victim,
    load: report,
    lostLines: missingLines(await platform.sh('heroku logs -n 1500 -a counter')),
    configChanges: acknowledged.length,
    lostConfigChanges: lost.length,
    backMs,
  }
}

async function readConfig(platform: TestPlatform): Promise<Record<string, string> | undefined> {
  const { code, stdout } = await platform.attempt('heroku config --json -a counter')
  return code === 0 ? (JSON.parse(stdout) as Record<string, string>) : undefined
}

/** Sets an ever larger number through the API, as often as it answers. */
function startConfigChanges(platform: TestPlatform) {
  const acknowledged: number[] = []
  let stopped = false
  const work = (async () => {
    while (!stopped) {
      const value = Date.now()
      const line = `curl -sf -X PATCH -H "authorization: Bearer $HEROKU_API_KEY" -H 'content-type: application/json' -d '{"ROUND":"${value}"}' "$HEROKU_HOST/apps/counter/config-vars"`
      const { code } = await platform.attempt(line)
      if (code === 0) acknowledged.push(value)
      await sleep(1000)
    }
  })()
  return {
    stop: async (): Promise<number[]> => {
      stopped = true
      await work
      return acknowledged
    },
  }
}

async function pidOf(platform: TestPlatform, victim: Victim): Promise<number> {
  const status = await platform.status()
  switch (victim) {
    case 'control plane':
      return status.controlPlane.pid
    case 'router':
      return status.router.pid
    case 'PostgreSQL':
      return status.postgres.pid
    case 'supervisor':
      return status.supervisor.pid
    case 'dyno':
      return await eventually(async () => await dynoPid(platform, COUNTER))
  }
}

const COUNTER = '^node counter.js'

/** A dyno has its own process namespace; from outside it is found by what it runs. */
export async function dynoPid(
  platform: TestPlatform,
  command: string,
): Promise<number | undefined> {
  const { stdout } = await platform.attempt(
    `pgrep -f '${command}' | while read p; do tr '\\0' '\\n' < /proc/$p/environ | grep -q "^HOKKU_DOMAIN=localhost:${platform.port}$" && echo $p; done`,
  )
  const pid = Number(stdout.trim().split('\n')[0])
  return pid > 0 ? pid : undefined
}

async function isBack(
  platform: TestPlatform,
  victim: Victim,
  pid: number,
): Promise<true | undefined> {
  switch (victim) {
    case 'control plane': {
      const { code } = await platform.attempt('curl -sf "$HEROKU_HOST/hokku/health"')
      return code === 0 ? true : undefined
    }
    case 'router':
    case 'supervisor':
      return (await platform.get('counter')).status === 200 ? true : undefined
    case 'PostgreSQL': {
      const { stdout } = await platform.attempt(`heroku pg:psql -a counter -c 'select 40 + 2'`)
      return stdout.includes('42') ? true : undefined
    }
    case 'dyno': {
      const { stdout } = await platform.attempt('heroku ps -a counter')
      const now = await dynoPid(platform, COUNTER)
      return now !== pid && /web\.1: up/.test(stdout) && /web\.2: up/.test(stdout)
        ? true
        : undefined
    }
  }
}

/** Holes in the numbered lines of each run of a dyno that the log shows. */
export function missingLines(log: string): number {
  const byRun = new Map<string, number[]>()
  for (const [, line, run] of log.matchAll(/app\[web\.\d+\]: line (\d+) of (\S+)$/gm)) {
    byRun.set(run ?? '', [...(byRun.get(run ?? '') ?? []), Number(line)])
  }
  return [...byRun.values()].reduce((holes, lines) => {
    const [first = 0, last = 0] = [lines[0], lines.at(-1)]
    return holes + (last - first + 1 - new Set(lines).size)
  }, 0)
}
