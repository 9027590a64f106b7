import { readFileSync } from 'node:fs'
import { reasonOf } from '@hokku/kit/problem'
import { codeOf } from '@hokku/kit/error-code'
import { writeDurably } from '@hokku/kit/disk'
import type { RouterTable } from './contract.ts'

export const EMPTY_TABLE: RouterTable = { version: 0, apps: [] }

/**
 * The table that the router had last. None, or one that cannot be read, is empty: the control
 * control plane sends a fresh one as soon as it is there.
 *
 * @param onTrouble called with the reason why an existing table is not used
 */
export function readTable(path: string, onTrouble: (message: string) => void): RouterTable {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT'
    if (!missing) onTrouble(`${path} cannot be read: ${reasonOf(error)}`)
    return EMPTY_TABLE
  }
  const table = parseTable(text)
  if (table === undefined) onTrouble(`${path} is damaged; apps are back when the plane is`)
  return table ?? EMPTY_TABLE
}

/** Temporary file, fsync, rename; for the owner only, since it may hold private keys. */
export const writeTable = (path: string, table: RouterTable): Promise<void> =>
  writeDurably(path, JSON.stringify(table))

/** Whether the file holds our own table, not whether each app makes sense. */
export function parseTable(text: string): RouterTable | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { version, apps } = value as Partial<RouterTable>
  if (typeof version !== 'number' || !Array.isArray(apps)) return undefined
  return apps.every(isApp) ? { version, apps } : undefined
}

function isApp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { id, hosts, state, instances } = value as Record<string, unknown>
  return (
    typeof id === 'string' &&
    typeof state === 'string' &&
    Array.isArray(hosts) &&
    Array.isArray(instances)
  )
}
