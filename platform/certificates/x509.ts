import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import {
  bits,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  truth,
  utf8,
  type Der,
} from './der.ts'

/** What a certificate says; both kinds are signed with ECDSA and SHA-256. */
export type CertificateRequest = Readonly<{
  subject: string
  publicKey: KeyObject
  notBefore: Date
  notAfter: Date
  issuer: Readonly<{ subject: string; publicKey: KeyObject; privateKey: KeyObject }>
  /** An authority may sign leaves (and no further authorities); a leaf names its servers. */
  use:
    | Readonly<{ kind: 'authority' }>
    | Readonly<{ kind: 'server'; dnsNames: readonly string[]; addresses: readonly Uint8Array[] }>
}>

/**
 * A signed X.509 version 3 certificate as PEM.
 *
 * @see RFC 5280
 */
export function issueCertificate(request: CertificateRequest): string {
  const { issuer } = request
  const body = sequence(
    explicit(0, integer(Buffer.of(VERSION_3))),
    integer(serialNumber()),
    SIGNATURE_ALGORITHM,
    nameOf(issuer.subject),
    sequence(time(request.notBefore), time(request.notAfter)),
    nameOf(request.subject),
    publicKeyInfo(request.publicKey),
    explicit(3, sequence(...extensionsOf(request))),
  )
  const signature = sign('sha256', body, issuer.privateKey)
  return pem(sequence(body, SIGNATURE_ALGORITHM, bits(signature)))
}

const VERSION_3 = 2

/** ecdsa-with-SHA256. */
const SIGNATURE_ALGORITHM = sequence(oid('1.2.840.10045.4.3.2'))

/** 127 random bits: unique without a counter, positive without padding. */
function serialNumber(): Uint8Array {
  const serial = randomBytes(16)
  serial[0] = (serial[0] ?? 0) & 0x7f
  return serial
}

/** `CN=<name>`; X.520 allows 64 characters, the full name is in the alternative names anyway. */
const nameOf = (commonName: string): Der =>
  sequence(set(sequence(oid('2.5.4.3'), utf8(commonName.slice(0, COMMON_NAME_LENGTH_MAX)))))

const COMMON_NAME_LENGTH_MAX = 64

const publicKeyInfo = (key: KeyObject): Der => key.export({ type: 'spki', format: 'der' })

function extensionsOf({ use, publicKey, issuer }: CertificateRequest): Der[] {
  const subjectKey = extension('2.5.29.14', octets(keyIdOf(publicKey)))
  const authorityKey = extension('2.5.29.35', sequence(implicit(0, keyIdOf(issuer.publicKey))))
  if (use.kind === 'authority') {
    return [
      extension('2.5.29.19', sequence(truth(true), integer(Buffer.of(0))), 'critical'),
      extension('2.5.29.15', bits(Buffer.of(KEY_CERT_SIGN | CRL_SIGN), 1), 'critical'),
      subjectKey,
      authorityKey,
    ]
  }
  const names = [
    ...use.dnsNames.map((name) => implicit(2, Buffer.from(name))),
    ...use.addresses.map((address) => implicit(7, address)),
  ]
  return [
    extension('2.5.29.19', sequence(), 'critical'),
    extension('2.5.29.15', bits(Buffer.of(DIGITAL_SIGNATURE), 7), 'critical'),
    extension('2.5.29.37', sequence(oid(SERVER_AUTH))),
    extension('2.5.29.17', sequence(...names)),
    subjectKey,
    authorityKey,
  ]
}

const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

const extension = (id: string, value: Der, critical?: 'critical'): Der =>
  sequence(oid(id), ...(critical === undefined ? [] : [truth(true)]), octets(value))

/** Any unique name of a key will do (RFC 5280, 4.2.1.2). */
const keyIdOf = (key: KeyObject): Uint8Array =>
  createHash('sha256').update(publicKeyInfo(key)).digest().subarray(0, 20)

const pem = (der: Der): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
