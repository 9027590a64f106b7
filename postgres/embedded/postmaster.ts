import { execFile } from 'node:child_process'
import { readFile, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What PostgreSQL's own lock file says: its process, when that started, where it listens. */
export type Postmaster = Readonly<{
  pid: number
  /** Seconds since 1970. */
  startedAt: number
  port: number
  ready: boolean
}>

/**
 * Reads `postmaster.pid`.
 *
 * @returns undefined for a file that is not finished yet or is none of PostgreSQL's
 * @see https://www.postgresql.org/docs/15/storage-file-layout.html
 */
export function parsePostmasterFile(text: string): Postmaster | undefined {
  const lines = text.split('\n')
  const [pid, startedAt, port] = [lines[0], lines[2], lines[3]].map(Number)
  if (!isWhole(pid) || !isWhole(startedAt) || !isWhole(port)) return undefined
  return { pid, startedAt, port, ready: lines[7]?.trim() === 'ready' }
}

const isWhole = (value: number | undefined): value is number =>
  Number.isInteger(value) && value !== 0

/** The server that runs on `dataDirectory`; undefined when none does, even if its file is left. */
export async function findPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const found = parsePostmasterFile(text)
  return found && (await runsOn(found.pid, dataDirectory)) ? found : undefined
}

/** Process ids are used again, by other programs too: only one at home in our folder is ours. */
async function runsOn(pid: number, dataDirectory: string): Promise<boolean> {
  const home = await realpath(dataDirectory)
  if (process.platform === 'linux') {
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === home
  }
  const command = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
    .then(({ stdout }) => stdout)
    .catch(() => '')
  return command.includes(home) || command.includes(dataDirectory)
}
