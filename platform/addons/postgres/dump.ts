import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chown, mkdir, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { syncDirectory } from '@hokku/kit/disk'
import { serverAccount } from '@hokku/postgres'
import type { ClientTools } from './client-tools.ts'

/** Where and as whom a client program connects. */
export type Connection = Readonly<{
  host: string
  port: string
  user: string
  password: string
  /** Whose rights are used, and who owns what is restored. */
  role: string
  database: string
  /** `prefer` unless the address asks for more. */
  sslMode: string
}>

export type DumpEffects = Readonly<{
  tools: ClientTools
  signal: AbortSignal
  /** Each line that the program prints for people. */
  log: (line: string) => void
  /** Bytes written so far. */
  progress: (bytes: number) => void
}>

export type Dump = Readonly<{ bytes: number; sha256: string }>

/**
 * Writes a dump in the custom format to `file`. It gets its name only after it is on disk and
 * `pg_restore` has listed it: a dump that cannot be restored is a failure, not a backup.
 */
export async function dumpDatabase(
  connection: Connection,
  file: string,
  effects: DumpEffects,
): Promise<Dump> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.part`
  try {
    const dump = await writeDump(connection, temporary, effects)
    effects.log(`Dumped ${dump.bytes} bytes, SHA-256 ${dump.sha256}`)
    const contents = await listDump(temporary, effects)
    const entries = contents.split('\n').filter((line) => /^\d+;/.test(line)).length
    effects.log(`Verified: pg_restore lists ${entries} entries`)
    await rename(temporary, file)
    await syncDirectory(dirname(file))
    return dump
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeDump(
  connection: Connection,
  path: string,
  effects: DumpEffects,
): Promise<Dump> {
  const args = ['--format=custom', `--role=${connection.role}`]
  const program = await runClient(effects.tools.pgDump, args, { connection, effects })
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of program.output) {
      hash.update(chunk)
      await file.writeFile(chunk)
      bytes += chunk.length
      effects.progress(bytes)
    }
    await program.success
    await file.sync()
  } finally {
    program.kill()
    await program.success.catch(() => {})
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The table of contents of a dump. @throws if the file is none, or is cut off */
export async function listDump(
  file: string,
  effects: Pick<DumpEffects, 'tools' | 'signal' | 'log'>,
): Promise<string> {
  const input = await open(file, 'r')
  try {
    const program = await runClient(effects.tools.pgRestore, ['--list'], { effects, input })
    const chunks: Uint8Array[] = []
    for await (const chunk of program.output) chunks.push(chunk)
    await program.success
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    await input.close()
  }
}

/** Restores the entries of `list` as `connection.user`, and stops at the first that fails. */
export async function restoreDump(
  file: string,
  list: string,
  connection: Connection,
  effects: Pick<DumpEffects, 'tools' | 'signal' | 'log'>,
): Promise<void> {
  const listFile = join(tmpdir(), `hokku-${randomUUID()}.list`)
  const input = await open(file, 'r')
  const args = [
    '--exit-on-error',
    `--role=${connection.role}`,
    '--no-owner',
    '--no-acl',
    `--use-list=${listFile}`,
    `--dbname=${connection.database}`,
  ]
  try {
    await writeForClient(listFile, list)
    const program = await runClient(effects.tools.pgRestore, args, { connection, effects, input })
    for await (const _chunk of program.output);
    await program.success
  } finally {
    await input.close()
    await rm(listFile, { force: true })
  }
}

/** Writes a file that the client programs' user may read, and no other. */
async function writeForClient(path: string, text: string): Promise<void> {
  const account = await serverAccount()
  await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  if (account) await chown(path, account.uid, account.gid)
}

/** Whether a file is still the one that a finished backup described. */
export async function verifyDump(file: string, expected: Dump): Promise<boolean> {
  const { size } = await stat(file).catch(() => ({ size: -1 }))
  if (size !== expected.bytes) return false
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array)
  return hash.digest('hex') === expected.sha256
}

type RunningClient = Readonly<{
  output: AsyncIterable<Uint8Array>
  /** Rejects with the last lines of standard error when the program fails. */
  success: Promise<void>
  kill: () => void
}>

type ClientOptions = Readonly<{
  connection?: Connection
  /** Standard input: an open file, so that the program can read what its user could not open. */
  input?: FileHandle
  effects: Pick<DumpEffects, 'signal' | 'log'>
}>

/**
 * Starts a client program, never as root: the archives that it reads come from anywhere. The
 * password goes by its environment, which only its user can read.
 */
async function runClient(
  program: string,
  args: readonly string[],
  { connection, input, effects }: ClientOptions,
): Promise<RunningClient> {
  const account = await serverAccount()
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    env: { ...BASE_ENVIRONMENT, ...(connection && environmentOf(connection)) },
    stdio: [input?.fd ?? 'ignore', 'pipe', 'pipe'],
    signal: effects.signal,
  })
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new TypeError('a program without its outputs')
  const said: string[] = []
  let rest = ''
  stderr.setEncoding('utf8')
  stderr.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, LINE_LENGTH_MAX)
    for (const line of lines) {
      effects.log(line)
      said.push(line)
    }
    said.splice(0, Math.max(0, said.length - REASON_LINES))
  })
  const success = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const reason = [...said, rest].filter((line) => TELLING.test(line))
      if (code === 0) resolve()
      else reject(new Error(reason.join('\n') || `it ended with ${signal ?? `status ${code}`}`))
    })
  })
  // The reader of the output asks for success after it; a failure before that is not unhandled.
  success.catch(() => {})
  return { output: stdout, success, kill: () => child.kill('SIGKILL') }
}

const TELLING = /^pg_\w+: (error|detail|hint)|^(ERROR|DETAIL|HINT|FATAL|Command was)/
const REASON_LINES = 20
const LINE_LENGTH_MAX = 10_000

/** Nothing of ours is inherited, so no `PG*` variable of the operator's changes a target. */
const BASE_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', PGCONNECT_TIMEOUT: '10' }

const environmentOf = (connection: Connection) => ({
  PGHOST: connection.host,
  PGPORT: connection.port,
  PGUSER: connection.user,
  PGPASSWORD: connection.password,
  PGDATABASE: connection.database,
  PGSSLMODE: connection.sslMode,
  PGAPPNAME: 'hokku backup',
  PGPASSFILE: '/dev/null',
})
