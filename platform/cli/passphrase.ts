import { readFile } from 'node:fs/promises'
import { misuse } from '@hokku/kit/command-line'

/** The passphrase of a backup: from a file, or from HOKKU_BACKUP_PASSPHRASE. */
export async function readPassphrase(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const given = file === undefined ? env['HOKKU_BACKUP_PASSPHRASE'] : await readFile(file, 'utf8')
  const passphrase = (given ?? '').trim()
  if (passphrase.length >= LENGTH_MIN) return passphrase
  throw misuse(
    passphrase === ''
      ? 'A backup needs a passphrase: set HOKKU_BACKUP_PASSPHRASE, or name a file with --passphrase-file.'
      : `A passphrase has at least ${LENGTH_MIN} characters: it protects all keys of the platform.`,
  )
}

const LENGTH_MIN = 8
