import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import * as z from 'zod'
import type { BackupResult, createBackup } from '../backup/index.ts'
import type { Home } from '../store/index.ts'

/** What `hokku backup --schedule` has written down. */
export type BackupPlan = z.infer<typeof Plan>
const Plan = z.object({
  /** `02:00`, UTC. */
  at: z.string(),
  to: z.string(),
  passphraseFile: z.string(),
})

/** How the last scheduled backup ended; nothing yet where `at` is null. */
export type BackupOutcome = z.infer<typeof Outcome>
const Outcome = z.object({
  at: z.string().nullable(),
  failure: z.string().nullable(),
  /** Folders that were made by the schedule, oldest first. */
  folders: z.array(z.string()),
})

const planFile = (home: Home): string => join(home.backups, 'schedule.json')
const outcomeFile = (home: Home): string => join(home.backups, 'last-backup.json')

export const readBackupPlan = async (home: Home): Promise<BackupPlan | undefined> =>
  await readJson(planFile(home), Plan)

export async function writeBackupPlan(home: Home, plan: BackupPlan | undefined): Promise<void> {
  if (plan === undefined) await rm(planFile(home), { force: true })
  else await writeDurably(planFile(home), JSON.stringify(plan))
}

export const lastBackup = async (home: Home): Promise<BackupOutcome> =>
  (await readJson(outcomeFile(home), Outcome)) ?? { at: null, failure: null, folders: [] }

export const writeOutcome = (home: Home, outcome: BackupOutcome): Promise<void> =>
  writeDurably(outcomeFile(home), JSON.stringify(outcome))

/** Whether today's backup is due and has not been tried. */
export function isDue({ at }: BackupPlan, last: string | null, now: Date): boolean {
  const planned = new Date(`${now.toISOString().slice(0, 10)}T${at}:00Z`)
  return now >= planned && (last === null || new Date(last) < planned)
}

/** @returns the folders that stay, and those that make room */
export function keepNewest(folders: readonly string[]): { kept: string[]; expired: string[] } {
  const newest = folders.toSorted().slice(-KEPT)
  return { kept: newest, expired: folders.filter((folder) => !newest.includes(folder)) }
}

const KEPT = 7

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** Makes one backup now. */
export async function runBackup(
  to: string,
  passphrase: string,
  home: Home,
  env: NodeJS.ProcessEnv,
): Promise<BackupResult> {
  const { BackupBucket, createBackup, isBucket } = await import('../backup/index.ts')
  if (!isBucket(to)) return await createBackup(to, await effectsOf(passphrase, home, env))
  const bucket = new BackupBucket(env)
  await mkdir(home.backups, { recursive: true, mode: 0o711 })
  const local = await mkdtemp(join(home.backups, '.upload-'))
  try {
    const made = await createBackup(local, await effectsOf(passphrase, home, env))
    console.error(`Copying ${made.files} files to ${to}`)
    return { ...made, folder: await bucket.upload(made.folder, to) }
  } finally {
    await rm(local, { recursive: true, force: true })
  }
}

/** A backup of the schedule that newer ones have replaced. */
export async function removeBackup(place: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { BackupBucket, isBucket } = await import('../backup/index.ts')
  if (isBucket(place)) await new BackupBucket(env).remove(place)
  else await rm(place, { recursive: true, force: true })
}

async function effectsOf(
  passphrase: string,
  home: Home,
  env: NodeJS.ProcessEnv,
): Promise<Parameters<typeof createBackup>[1]> {
  return {
    home,
    passphrase,
    version: await ownVersion(),
    searchPath: env['PATH'] ?? '',
    postgresUrl: env['HOKKU_POSTGRES_URL'],
    now: () => new Date(),
    say: (line) => console.error(line),
  }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
