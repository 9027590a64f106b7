import { bold, defineCommand, green, red, table, yellow } from '@hokku/kit/command-line'
import { embeddedStatus } from '@hokku/postgres'
import { apiUrl, runningInstallation, type Installation } from '../installation.ts'
import { lastBackup, readBackupPlan, type BackupOutcome } from '../backup-plan.ts'
import { askPlane } from '../plane-client.ts'
import { markFileIn, readMark } from '../supervisor/child.ts'
import { isAlive } from '@hokku/kit/process-mark'

export const command = defineCommand({
  summary: 'Shows which processes and apps run, and at which addresses.',
  details: 'The exit code is 1 if the platform does not run.',
  options: { json: { type: 'boolean', description: 'Prints JSON instead of a table.' } },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const status = await readStatus(runningInstallation(env))
    console.log(options.json ? JSON.stringify(status, null, 2) : describe(status))
    return 0
  },
})

type AppStatus = Readonly<{ name: string; url: string; dynos: Record<string, string> }>

/** What `status --json` prints; scripts rely on these names. */
export type Status = Readonly<{
  url: string
  home: string
  supervisor: { pid: number }
  controlPlane: { pid: number | null }
  router: { pid: number | null }
  postgres: { pid: number | null; port: number | null }
  apps: readonly AppStatus[]
  /** What the platform wants its operator to know, e.g. that the disk is nearly full. */
  notices: readonly string[]
  /** Of the backups that `hokku backup --schedule` makes; null without a schedule. */
  backup: BackupOutcome | null
}>

async function readStatus({ home, address, supervisor }: Installation): Promise<Status> {
  const pidOf = (name: string): { pid: number | null } => {
    const mark = readMark({ markFile: markFileIn(home.run, name) })
    return { pid: mark !== undefined && isAlive(mark) ? mark.pid : null }
  }
  const postgres = await embeddedStatus({ directory: home.postgres })
  return {
    url: apiUrl(address),
    home: home.root,
    supervisor: { pid: supervisor.pid },
    controlPlane: pidOf('control-plane'),
    router: pidOf('router'),
    postgres: postgres.running
      ? { pid: postgres.pid, port: postgres.port }
      : { pid: null, port: null },
    backup: (await readBackupPlan(home)) === undefined ? null : await lastBackup(home),
    notices: await noticesOf(home),
    apps: await askPlane<AppStatus[]>(home, 'GET', '/hokku/apps').catch(() => []),
  }
}

async function noticesOf(home: Installation['home']): Promise<readonly string[]> {
  const health = askPlane<{ notices: string[] }>(home, 'GET', '/hokku/health')
  return (await health.catch(() => ({ notices: [] }))).notices
}

function describeBackup(outcome: BackupOutcome | null): string {
  if (outcome === null) return ''
  const { at, failure } = outcome
  if (at === null) return '  The first scheduled backup is still to come.\n\n'
  if (failure === null) return `  Last backup: ${at}\n\n`
  return `  ${red('The last backup failed')}, ${at}: ${failure}\n\n`
}

function describe(status: Status): string {
  const line = (name: string, pid: number | null, more = ''): string[] => [
    `  ${name}`,
    pid === null ? red('not running') : green('running'),
    pid === null ? '' : `pid ${pid}`,
    more,
  ]
  const { port } = status.postgres
  const apps = status.apps.map((app) => [
    `  ${app.name}`,
    app.url,
    Object.entries(app.dynos)
      .map(([dyno, state]) => `${dyno} ${state}`)
      .join(', '),
  ])
  return `${bold(status.url)}  ${status.home}

${table([
  line('supervisor', status.supervisor.pid),
  line('control plane', status.controlPlane.pid),
  line('router', status.router.pid),
  line('PostgreSQL', status.postgres.pid, port === null ? '' : `port ${port}`),
])}

${status.notices.map((notice) => `  ${yellow('▸')} ${notice}\n\n`).join('')}${describeBackup(status.backup)}${apps.length === 0 ? 'No apps yet: heroku create' : table(apps)}`
}
