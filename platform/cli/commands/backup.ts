import { resolve } from 'node:path'
import { defineCommand, misuse } from '@hokku/kit/command-line'
import { readBackupPlan, runBackup, writeBackupPlan } from '../backup-plan.ts'
import { homeOf, runningInstallation } from '../installation.ts'
import { readPassphrase } from '../passphrase.ts'

export const command = defineCommand({
  summary:
    'Backs up the whole platform while it runs: state, keys, code, slugs, databases, buckets.',
  details:
    'Makes a folder named by the time. Only the keys are encrypted, with a passphrase: ' +
    'keep the folder where only you can read it. A bucket takes its key from AWS_ACCESS_KEY_ID and ' +
    'AWS_SECRET_ACCESS_KEY, and its server from AWS_ENDPOINT_URL. Queues of messages, Redis and logs are not in it.',
  examples: [
    'hokku backup --to /mnt/backups',
    'hokku backup --to /mnt/backups --schedule 02:00 --passphrase-file /root/backup-passphrase',
    'hokku backup --to s3://my-backups/hokku',
    'hokku backup --schedule off',
  ],
  options: {
    to: {
      type: 'string',
      placeholder: 'place',
      description: 'Where the folder is made: a directory, or s3://bucket/folder.',
      defaultText: 'HOKKU_HOME/backups/platform',
    },
    schedule: {
      type: 'string',
      placeholder: 'hh:mm',
      description: 'Backs up every day at this time (UTC), keeps seven; "off" ends that.',
    },
    'passphrase-file': {
      type: 'file',
      placeholder: 'file',
      description: 'Holds the passphrase. Without it, HOKKU_BACKUP_PASSPHRASE counts.',
    },
  },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const home = homeOf(env)
    const to = placeOf(options.to ?? `${home.backups}/platform`)
    const file = options['passphrase-file']
    if (options.schedule !== undefined) return await plan(options.schedule, to, file, env)
    runningInstallation(env)
    const passphrase = await readPassphrase(file, env)
    const { folder, files, bytes } = await runBackup(to, passphrase, home, env)
    console.error(
      `Backed up ${files} files, ${(bytes / 1e6).toFixed(1)} MB. Restore it: hokku restore ${folder}`,
    )
    console.log(folder)
    return 0
  },
})

/** A bucket as it is written, a folder by its whole path. */
const placeOf = (to: string): string => (to.startsWith('s3://') ? to : resolve(to))

async function plan(
  at: string,
  to: string,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const home = homeOf(env)
  if (at === 'off') {
    await writeBackupPlan(home, undefined)
    console.log('No backups are scheduled any more.')
    return 0
  }
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(at))
    throw misuse('--schedule takes a time such as 02:00, or off.')
  if (file === undefined)
    throw misuse('A schedule needs --passphrase-file: no one is there to be asked.')
  await readPassphrase(file, env)
  await writeBackupPlan(home, { at, to, passphraseFile: resolve(file) })
  const kept = await readBackupPlan(home)
  console.log(`Backs up every day at ${kept?.at} UTC to ${to}; hokku status shows the last one.`)
  return 0
}
