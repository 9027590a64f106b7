import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUnreachable, withClient } from './client.ts'
import { startEmbedded, type EmbeddedServer } from './embedded/server.ts'
import type { Settings } from './embedded/settings.ts'
import { isAlone, signIn, signOutAndStop } from './embedded/sharing.ts'

export type TestDatabase = AsyncDisposable &
  Readonly<{
    /** Address of the empty database, as a role that owns it and nothing else. */
    url: string
    /** Ends its connections and removes it. */
    drop: () => Promise<void>
  }>

export type TestDatabaseOptions = Readonly<{
  /** Every commit reaches the disk, as in production; for tests that measure or kill. */
  durable?: boolean
}>

/**
 * A fresh database on a real PostgreSQL that all tests of this repository share. The server is
 * started by the first that needs it and stopped when the last test process ends.
 *
 * @example
 * await using database = await createTestDatabase()
 * const pool = openPool(database.url, { max: 2 })
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const directory = prepareServer(options.durable === true)
  const name = `test_${randomBytes(6).toString('hex')}`
  const server = await retry(() => createOwned(directory, name, options.durable === true))
  const drop = () =>
    withClient(server.adminUrl, async (client) => {
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query(`drop role if exists ${name}`)
    })
  return {
    url: `postgres://${name}:${name}@127.0.0.1:${server.port}/${name}`,
    drop,
    [Symbol.asyncDispose]: drop,
  }
}

/** Keeps the shared server up between the processes of a test run, until `stopTestServer`. */
export function keepTestServer(): void {
  signIn(directoryOf(false))
}

/** Stops the shared servers unless another test run of this repository uses them. */
export function stopTestServer(): void {
  signOutAndStop(directoryOf(false))
  signOutAndStop(directoryOf(true))
}

function prepareServer(durable: boolean): string {
  const directory = directoryOf(durable)
  if (!prepared.has(directory)) {
    prepared.add(directory)
    signIn(directory)
    process.once('exit', () => signOutAndStop(directory))
  }
  return directory
}

const prepared = new Set<string>()

/** One folder a checkout and user, so that neighbors on a machine do not meet. */
function directoryOf(durable: boolean): string {
  const checkout = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 8)
  const user = process.getuid?.() ?? 0
  const name = `hokku-test-${user}-${checkout}${durable ? '-durable' : ''}`
  const directory = join(tmpdir(), name)
  mkdirSync(directory, { recursive: true, mode: 0o711 })
  return directory
}

async function createOwned(
  directory: string,
  name: string,
  durable: boolean,
): Promise<EmbeddedServer> {
  const server = await startEmbedded({ directory, settings: durable ? {} : FAST })
  if (!swept.has(directory)) await sweep(directory, server)
  await withClient(server.adminUrl, async (client) => {
    await client.query(`create role ${name} login password '${name}'`)
    await client.query(`create database ${name} owner ${name}`)
  })
  return server
}

/** Removes what killed test runs have left. */
async function sweep(directory: string, server: EmbeddedServer): Promise<void> {
  swept.add(directory)
  await withClient(server.adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname ~ '^test_[0-9a-f]{12}$'",
    )
    // Who made one of these before we looked had signed in before that.
    if (!isAlone(directory)) return
    for (const { name } of rows) {
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query(`drop role if exists ${name}`)
    }
  })
}

const swept = new Set<string>()

/** What a test database may lose in a crash does not matter. */
const FAST: Settings = {
  fsync: false,
  synchronous_commit: false,
  full_page_writes: false,
  shared_buffers: '32MB',
}

/** The server may be on its way down when the last process before us has just ended. */
async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < TRIES; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isUnreachable(error)) throw error
      await sleep(RETRY_MS)
    }
  }
  return work()
}

const TRIES = 5
const RETRY_MS = 200
