import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { give, writeForServer } from './cluster.ts'
import { ACCESS_RULES, renderSettings, type Settings } from './settings.ts'

export type TlsFiles = Readonly<{ certFile: string; keyFile: string }>

/** Writes `postgresql.conf`, `pg_hba.conf` and the socket's folder for the next start or reload. */
export async function configure(
  directory: string,
  port: number,
  settings: Settings,
  account: Account | undefined,
): Promise<void> {
  const data = join(directory, 'data')
  const socketDirectory = join(directory, 'socket')
  await mkdir(socketDirectory, { recursive: true, mode: 0o755 })
  await give(socketDirectory, account)
  const tls = await installedTls(data)
  const address = {
    port,
    ...(socketDirectory.length <= SOCKET_DIRECTORY_LENGTH_MAX && { socketDirectory }),
    ...(tls && { tls }),
  }
  await writeForServer(join(data, 'postgresql.conf'), renderSettings(address, settings), account)
  await writeForServer(join(data, 'pg_hba.conf'), ACCESS_RULES, account)
}

/** A socket's whole path has at most 103 bytes (macOS); its name is `.s.PGSQL.65535.lock` at most. */
const SOCKET_DIRECTORY_LENGTH_MAX = 80

/**
 * Copies certificate and key to where the server's user can read them.
 *
 * @returns whether they differ from those that were there, so that a running server must reload
 */
export async function installTls(
  directory: string,
  tls: TlsFiles,
  account: Account | undefined,
): Promise<boolean> {
  const target = tlsPaths(join(directory, 'data'))
  const [certificate, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)])
  const installed = await readFile(target.certFile).catch(() => undefined)
  const installedKey = await readFile(target.keyFile).catch(() => undefined)
  if (installed?.equals(certificate) && installedKey?.equals(key)) return false
  await writeForServer(target.keyFile, key, account)
  await writeForServer(target.certFile, certificate, account)
  return true
}

/** Certificates stay in use for the next process that starts the server, with or without naming them. */
async function installedTls(data: string): Promise<TlsFiles | undefined> {
  const paths = tlsPaths(data)
  const certificate = await readFile(paths.certFile).catch(() => undefined)
  return certificate && paths
}

const tlsPaths = (data: string): TlsFiles => ({
  certFile: join(data, 'server.crt'),
  keyFile: join(data, 'server.key'),
})
