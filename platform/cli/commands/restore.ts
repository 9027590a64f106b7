import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { defineCommand } from '@hokku/kit/command-line'
import { homeAt, problem, type Home } from '../../store/index.ts'
import { findInstallation, homeOf } from '../installation.ts'
import { readPassphrase } from '../passphrase.ts'

export const command = defineCommand({
  summary: 'Replaces the contents of the home folder with a backup.',
  details:
    'The platform must not run on that home. Everything is read, compared and made ready first: a ' +
    'backup that is cut or altered, or a wrong passphrase, changes nothing. The old files stay in ' +
    'the home, in a folder that the command names.',
  examples: ['hokku restore /mnt/backups/hokku-2026-11-30T02-00-00'],
  arguments: {
    backup: {
      type: 'string',
      description: 'What hokku backup printed: a folder, or an address that begins with s3://.',
    },
  },
  options: {
    home: {
      type: 'string',
      placeholder: 'directory',
      description: 'Restores into this home.',
      defaultText: 'HOKKU_HOME, or ~/.hokku',
    },
    'passphrase-file': {
      type: 'file',
      placeholder: 'file',
      description: 'Holds the passphrase. Without it, HOKKU_BACKUP_PASSPHRASE counts.',
    },
  },
  run: async ({ arguments: { backup }, options }, env: NodeJS.ProcessEnv) => {
    const home = options.home === undefined ? homeOf(env) : homeAt(resolve(options.home))
    if (findInstallation(home) !== undefined) {
      throw problem('home_locked', `hokku is running on ${home.root}.`, {
        hint: 'Stop it first: hokku down',
      })
    }
    const passphrase = await readPassphrase(options['passphrase-file'], env)
    const { restoreBackup } = await import('../../backup/index.ts')
    await using local = await fetchBackup(backup, home, env)
    const { createdAt, files, old } = await restoreBackup(local.folder, {
      home,
      passphrase,
      searchPath: env['PATH'] ?? '',
      postgresUrl: env['HOKKU_POSTGRES_URL'],
      now: () => new Date(),
      say: (line) => console.error(line),
    })
    console.log(`Restored ${files} files of ${createdAt} into ${home.root}. Start it: hokku up`)
    if (old !== undefined) console.log(`What was there before is in ${old}`)
    return 0
  },
})

/** The backup as a folder; one in a bucket is copied into the home first, and removed after that. */
async function fetchBackup(
  backup: string,
  home: Home,
  env: NodeJS.ProcessEnv,
): Promise<{ folder: string } & AsyncDisposable> {
  const { BackupBucket, isBucket } = await import('../../backup/index.ts')
  if (!isBucket(backup)) {
    return { folder: resolve(backup), [Symbol.asyncDispose]: async () => {} }
  }
  const bucket = new BackupBucket(env)
  await mkdir(home.backups, { recursive: true, mode: 0o711 })
  const parent = await mkdtemp(join(home.backups, '.download-'))
  const remove = (): Promise<void> => rm(parent, { recursive: true, force: true })
  const folder = join(parent, 'backup')
  console.error(`Copying ${backup}`)
  try {
    await bucket.download(backup, folder)
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, [Symbol.asyncDispose]: remove }
}
