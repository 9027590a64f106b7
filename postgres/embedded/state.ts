import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import type { Settings } from './settings.ts'

/** What a server's folder remembers between starts, in `server.json` (0600: it has a password). */
export type ServerState = Readonly<{
  /** Password of the superuser `postgres`. */
  adminPassword: string
  /** Password of the role and database `hokku`, for products that run outside the platform. */
  localPassword: string
  port?: number
  settings?: Settings
}>

/** Reads the state, or makes the passwords of a new server. Call with the folder's lock held. */
export async function loadState(directory: string): Promise<ServerState> {
  const state = await readState(directory)
  if (state) return state
  const created = { adminPassword: newPassword(), localPassword: newPassword() }
  await saveState(directory, created)
  return created
}

export async function readState(directory: string): Promise<ServerState | undefined> {
  const text = await readFile(join(directory, 'server.json'), 'utf8').catch(ignoreMissing)
  if (text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  if (!isState(value)) throw new TypeError(`${directory}/server.json is not a server's state`)
  return value
}

export const saveState = (directory: string, state: ServerState): Promise<void> =>
  writeDurably(join(directory, 'server.json'), `${JSON.stringify(state, null, 2)}\n`)

export const adminUrl = (state: ServerState, port: number): string =>
  `postgres://postgres:${state.adminPassword}@127.0.0.1:${port}/postgres`

/** Letters and digits of base64url: needs no escaping in an address. */
const newPassword = (): string => randomBytes(24).toString('base64url')

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

const isState = (value: unknown): value is ServerState =>
  typeof value === 'object' &&
  value !== null &&
  'adminPassword' in value &&
  'localPassword' in value &&
  typeof value.adminPassword === 'string' &&
  typeof value.localPassword === 'string'
