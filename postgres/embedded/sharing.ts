import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from './lock.ts'
import { parsePostmasterFile } from './postmaster.ts'

/** Says, in a file named by its process id, that this process needs the server of `directory`. */
export function signIn(directory: string): void {
  const users = join(directory, 'users')
  mkdirSync(users, { recursive: true })
  writeFileSync(join(users, String(process.pid)), '')
}

/** Whether no other live process needs the server. */
export const isAlone = (directory: string): boolean =>
  listUsers(join(directory, 'users')).every((pid) => pid === process.pid)

/**
 * Takes that back and, if no other live process needs the server, asks it to stop. Synchronous,
 * because it runs when a process exits; does not wait for the server's end.
 */
export function signOutAndStop(directory: string): void {
  const users = join(directory, 'users')
  rmSync(join(users, String(process.pid)), { force: true })
  // The holder of the lock is starting the server because it needs it.
  const release = tryLock(directory)
  if (!release) return
  try {
    if (listUsers(users).length === 0) interrupt(join(directory, 'data'))
  } finally {
    release()
  }
}

function listUsers(users: string): number[] {
  try {
    return readdirSync(users).map(Number).filter(isAlive)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function interrupt(data: string): void {
  try {
    const server = parsePostmasterFile(readFileSync(join(data, 'postmaster.pid'), 'utf8'))
    const isOurs = process.platform !== 'linux' || readlinkSync(`/proc/${server?.pid}/cwd`) === data
    if (server && isOurs) process.kill(server.pid, 'SIGINT')
  } catch {
    // Not running: nothing to stop.
  }
}
