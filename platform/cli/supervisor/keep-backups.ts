import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Home } from '../../store/index.ts'

const CLI = join(import.meta.dirname, '../main.ts')

/**
 * Makes the backups that are scheduled, each in a process of its own: the supervisor carries nothing
 * of it, and a backup that fails is only a backup that fails.
 */
export async function keepBackups(
  home: Home,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await lookOnce(home, env, say).catch((error: unknown) =>
      say(`A backup failed: ${String(error)}`),
    )
    await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

const LOOK_MS = 60_000

async function lookOnce(
  home: Home,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  // Loaded when there is something to do: the supervisor waits for months.
  const { isDue, keepNewest, lastBackup, readBackupPlan, removeBackup, writeOutcome } =
    await import('../backup-plan.ts')
  const plan = await readBackupPlan(home)
  if (plan === undefined) return
  const last = await lastBackup(home)
  const now = new Date()
  if (!isDue(plan, last.at, now)) return
  const at = now.toISOString()
  const args = [CLI, 'backup', '--to', plan.to, '--passphrase-file', plan.passphraseFile]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...env, HOKKU_HOME: home.root },
    })
    const { kept, expired } = keepNewest([...last.folders, stdout.trim()])
    await writeOutcome(home, { at, failure: null, folders: kept })
    for (const place of expired) await removeBackup(place, env)
    say(`Backed up to ${stdout.trim()}`)
  } catch (error) {
    const failure = reasonOf(error)
    await writeOutcome(home, { ...last, at, failure })
    say(`The scheduled backup failed: ${failure}`)
  }
}

/** What the command said last on standard error. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return said.trim().split('\n').slice(-2).join(' ').slice(0, 500)
}
