import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeDurably } from '@hokku/kit/disk'
import type { Certificate } from './contract.ts'

/** Parts a file that holds a certificate and its key. */
export function splitPem(pem: string): Certificate {
  const [certPem = ''] =
    pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/) ?? []
  return { certPem, keyPem: pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY-----')) }
}

export const privatePem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A file that everyone may read, written only if it would change. */
export async function writeUnlessSame(path: string, content: string): Promise<void> {
  if ((await readIfThere(path)) !== content) await writeDurably(path, content, 0o644)
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
