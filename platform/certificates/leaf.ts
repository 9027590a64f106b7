import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { writeDurably } from '@hokku/kit/disk'
import type { Certificate } from './contract.ts'
import { privatePem, readIfThere, splitPem } from './pem-files.ts'
import type { Root } from './root.ts'
import type { ServerNames } from './server-name.ts'
import { BACKDATED_DAYS, CURVE, daysFrom, LEAF_DAYS } from './validity.ts'
import { issueCertificate } from './x509.ts'

/** A server's certificate, and the time (ms since epoch) from which a new one should be made. */
export type Leaf = Certificate & Readonly<{ renewAt: number }>

/** The leaf on disk if it is ours and fresh, else a new one in its place. */
export async function openLeaf(
  path: string,
  names: ServerNames,
  root: Root,
  now: Date,
): Promise<Leaf> {
  const found = await readIfThere(path)
  const old = found === undefined ? undefined : leafIn(found, root)
  if (old !== undefined && old.renewAt > now.getTime()) return old
  const keys = generateKeyPairSync('ec', { namedCurve: CURVE })
  const certPem = issueCertificate({
    subject: names.subject,
    publicKey: keys.publicKey,
    notBefore: daysFrom(now, -BACKDATED_DAYS),
    notAfter: daysFrom(now, LEAF_DAYS),
    issuer: root,
    use: { kind: 'server', dnsNames: names.dnsNames, addresses: names.addresses },
  })
  const keyPem = privatePem(keys.privateKey)
  await writeDurably(path, certPem + keyPem)
  return { certPem, keyPem, renewAt: renewalOf(new X509Certificate(certPem)) }
}

function leafIn(pem: string, root: Root): Leaf | undefined {
  try {
    const parts = splitPem(pem)
    const certificate = new X509Certificate(parts.certPem)
    if (!certificate.verify(root.publicKey)) return undefined
    if (!certificate.checkPrivateKey(createPrivateKey(parts.keyPem))) return undefined
    return { ...parts, renewAt: renewalOf(certificate) }
  } catch {
    return undefined // A damaged file is as good as none: leaves can be made anew.
  }
}

/** A third of its life before the end. */
const renewalOf = ({ validFromDate, validToDate }: X509Certificate): number =>
  validToDate.getTime() - (validToDate.getTime() - validFromDate.getTime()) / 3
