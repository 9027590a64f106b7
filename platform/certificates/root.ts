import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { link, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory, writeDurably } from '@hokku/kit/disk'
import type { Certificate } from './contract.ts'
import { isCode, privatePem, readIfThere, splitPem } from './pem-files.ts'
import { BACKDATED_DAYS, CURVE, daysFrom, ROOT_DAYS } from './validity.ts'
import { issueCertificate } from './x509.ts'

/** The authority's own certificate and key. */
export type Root = Certificate &
  Readonly<{ subject: string; publicKey: KeyObject; privateKey: KeyObject }>

/**
 * The root of a directory, made on first use; of several processes the first one's counts. Key
 * and certificate lie in one file, so that no crash and no second process can part them.
 */
export async function openRoot(directory: string, now: Date): Promise<Root> {
  const path = join(directory, 'authority.pem')
  const found = await readIfThere(path)
  if (found !== undefined) return rootOf(found)
  const fresh = join(directory, `.${randomBytes(8).toString('hex')}.tmp`)
  await writeDurably(fresh, newRoot(now))
  try {
    await link(fresh, path)
    await syncDirectory(directory)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(fresh)
  }
  return rootOf(await readFile(path, 'utf8'))
}

function newRoot(now: Date): string {
  const keys = generateKeyPairSync('ec', { namedCurve: CURVE })
  const subject = `hokku authority ${randomBytes(4).toString('hex')}`
  const certPem = issueCertificate({
    subject,
    publicKey: keys.publicKey,
    notBefore: daysFrom(now, -BACKDATED_DAYS),
    notAfter: daysFrom(now, ROOT_DAYS),
    issuer: { subject, ...keys },
    use: { kind: 'authority' },
  })
  return certPem + privatePem(keys.privateKey)
}

function rootOf(pem: string): Root {
  const { certPem, keyPem } = splitPem(pem)
  const privateKey = createPrivateKey(keyPem)
  const subject = new X509Certificate(certPem).subject.replace(/^CN=/, '')
  return { certPem, keyPem, subject, privateKey, publicKey: createPublicKey(privateKey) }
}
