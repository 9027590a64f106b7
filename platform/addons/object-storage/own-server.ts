import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { problem, type Home } from '../../store/index.ts'
import {
  choosePort,
  createServerProcess,
  systemAccount,
  type Account,
  type Launch,
  type ServerProcess,
} from '../server-process/index.ts'
import type { BucketSettings, ObjectStorageServer } from './contract.ts'
import type { Key } from './resource.ts'

const MAIN = join(import.meta.dirname, '../../object-storage/main.ts')

type ServerHome = Pick<Home, 'root' | 'run' | 'logs'>

/** Our own S3 server, in its own process on this machine. */
export const createOwnServer = (home: ServerHome): ObjectStorageServer => new OwnServer(home)

class OwnServer implements ObjectStorageServer {
  readonly scheme = 'http:'
  /** Programs must name one to sign with; see `REGION` of the server. */
  readonly region = 'eu-central-1'
  readonly #directory: string
  readonly #process: ServerProcess
  #port: number | undefined
  #token = ''

  constructor(home: ServerHome) {
    this.#directory = join(home.root, 'object-storage')
    this.#process = createServerProcess({
      name: 'object-storage',
      home,
      prepare: () => this.#prepare(),
      isReady: () => this.#isReady(),
      startMsMax: 30_000,
    })
  }

  async start(): Promise<void> {
    await this.#process.start()
  }

  endpoint(): string | undefined {
    return this.#port === undefined ? undefined : `127.0.0.1:${this.#port}`
  }

  async setBucket(name: string, { quotaBytes, ...key }: BucketSettings): Promise<Key> {
    const body = JSON.stringify({ quotaBytes, ...key })
    await this.#change(`buckets/${name}`, { method: 'PUT', body })
    return key
  }

  async removeBucket(name: string): Promise<void> {
    await this.#change(`buckets/${name}`, { method: 'DELETE' })
  }

  close(): void {
    this.#process.close()
  }

  async #prepare(): Promise<Launch> {
    const directory = this.#directory
    const account = await systemAccount('hokku-storage')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if (account !== undefined) await chown(directory, account.uid, account.gid)
    this.#token = await ensureToken(directory)
    this.#port = await choosePort(await rememberedPort(directory))
    await writeDurably(portFile(directory), String(this.#port))
    return launchOf(directory, this.#port, account)
  }

  async #isReady(): Promise<boolean> {
    this.#port ??= await rememberedPort(this.#directory)
    this.#token ||= await readToken(this.#directory)
    return await this.#ask('health').then(
      (response) => response.ok,
      () => false,
    )
  }

  async #change(path: string, init: RequestInit): Promise<void> {
    const response = await this.#ask(path, init)
    if (response.ok) return
    throw problem('addon_unavailable', `Object storage answered ${response.status}.`, {
      cause: await response.text(),
    })
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const url = `http://127.0.0.1:${this.#port}/-/${path}`
    const headers = { authorization: `Bearer ${this.#token}` }
    return await fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  }
}

/** It drops to its account by itself, once its code is loaded. */
const launchOf = (directory: string, port: number, account: Account | undefined): Launch => ({
  file: process.execPath,
  args: [MAIN],
  cwd: directory,
  env: {
    HOKKU_OBJECT_STORAGE_DIRECTORY: directory,
    HOKKU_OBJECT_STORAGE_PORT: String(port),
    UV_THREADPOOL_SIZE: String(FILE_THREADS),
    ...(account && { HOKKU_OBJECT_STORAGE_ACCOUNT: `${account.uid}:${account.gid}` }),
  },
})

/** A sync keeps a thread waiting for the disk; readers need others. Node's default is four. */
const FILE_THREADS = 16

/** A bucket with a million objects takes its time to go. */
const ANSWER_MS_MAX = 60_000

const portFile = (directory: string): string => join(directory, 'port')

async function rememberedPort(directory: string): Promise<number | undefined> {
  const text = await readFile(portFile(directory), 'utf8').catch(() => '')
  return Number(text) || undefined
}

const readToken = (directory: string): Promise<string> =>
  readFile(join(directory, 'token'), 'utf8').catch(() => '')

async function ensureToken(directory: string): Promise<string> {
  const known = await readToken(directory)
  if (known !== '') return known
  const made = randomBytes(32).toString('hex')
  await writeDurably(join(directory, 'token'), made)
  return made
}

/** Makes a folder of objects that was copied the storage server's own, as far as it has a user. */
export async function giveToStorage(directory: string): Promise<void> {
  const account = await systemAccount('hokku-storage')
  if (account === undefined) return
  await chown(directory, account.uid, account.gid)
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), account.uid, account.gid)
  }
}
