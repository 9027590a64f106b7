import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { problem, type Home } from '../../store/index.ts'
import {
  choosePort,
  createServerProcess,
  systemAccount,
  type Launch,
} from '../server-process/index.ts'
import type { ObjectStorageServer } from './contract.ts'

const MAIN = join(import.meta.dirname, '../../object-storage/main.ts')

/** Our own S3 server, in a process of its own on this machine. */
export function createOwnServer(home: Pick<Home, 'root' | 'run' | 'logs'>): ObjectStorageServer {
  const directory = join(home.root, 'object-storage')
  let port: number | undefined
  let token = ''

  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const url = `http://127.0.0.1:${port}/-/${path}`
    const headers = { authorization: `Bearer ${token}` }
    return await fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  }
  const change = async (path: string, init: RequestInit): Promise<void> => {
    const response = await ask(path, init)
    if (response.ok) return
    throw problem('addon_unavailable', `Object storage answered ${response.status}.`, {
      cause: await response.text(),
    })
  }
  const prepare = async (): Promise<Launch> => {
    const account = await systemAccount('hokku-storage')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if (account !== undefined) await chown(directory, account.uid, account.gid)
    token = await ensureToken(directory)
    port = await choosePort(await rememberedPort(directory))
    await writeDurably(portFile(directory), String(port))
    return {
      file: process.execPath,
      args: [MAIN],
      cwd: directory,
      // It drops to its account by itself, once its code is loaded.
      env: {
        HOKKU_OBJECT_STORAGE_DIRECTORY: directory,
        HOKKU_OBJECT_STORAGE_PORT: String(port),
        UV_THREADPOOL_SIZE: String(FILE_THREADS),
        ...(account && { HOKKU_OBJECT_STORAGE_ACCOUNT: `${account.uid}:${account.gid}` }),
      },
    }
  }
  const server = createServerProcess({
    name: 'object-storage',
    home,
    prepare,
    isReady: async () => {
      port ??= await rememberedPort(directory)
      token ||= await readToken(directory)
      return await ask('health').then(
        (response) => response.ok,
        () => false,
      )
    },
    startMsMax: 30_000,
  })

  return {
    start: server.start,
    endpoint: () => (port === undefined ? undefined : `127.0.0.1:${port}`),
    scheme: 'http:',
    // Programs must name one to sign with; ours takes any.
    region: 'us-east-1',
    setBucket: async (name, { quotaBytes, ...key }) => {
      await change(`buckets/${name}`, {
        method: 'PUT',
        body: JSON.stringify({ quotaBytes, ...key }),
      })
      return key
    },
    removeBucket: (name) => change(`buckets/${name}`, { method: 'DELETE' }),
    close: server.close,
  }
}

/** Whoever syncs keeps a thread waiting for the disk; readers need others. Node's default is four. */
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
