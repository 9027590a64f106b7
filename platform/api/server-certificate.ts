import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { rootCertificates } from 'node:tls'

/** A user's certificate as it is served: the server's own first, then its chain. */
export type ServerCertificate = Readonly<{ certificateChain: string; privateKey: string }>

/**
 * Checks that a chain and a key belong together and can be served.
 *
 * @returns or what is wrong, as a sentence
 */
export function parseServerCertificate(
  chain: string,
  key: string,
): ServerCertificate | { wrong: string } {
  const certificates = (chain.match(PEM) ?? []).map(readCertificate)
  if (certificates.length === 0 || certificates.includes(undefined)) {
    return { wrong: 'The certificate is not readable PEM (-----BEGIN CERTIFICATE-----).' }
  }
  const privateKey = readKey(key)
  if (typeof privateKey === 'string') return { wrong: privateKey }
  const all = certificates.filter((certificate) => certificate !== undefined)
  const own = all.find((certificate) => certificate.checkPrivateKey(privateKey))
  if (own === undefined) return { wrong: 'The key does not belong to the certificate.' }
  if (own.validToDate.getTime() < Date.now()) {
    return { wrong: `The certificate has expired on ${own.validTo}.` }
  }
  const ordered = [own, ...all.filter((certificate) => certificate !== own)]
  return {
    certificateChain: ordered.map(String).join(''),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function readKey(pem: string): KeyObject | string {
  if (pem.includes('ENCRYPTED')) return 'The key has a passphrase; remove it first (openssl pkey).'
  try {
    return createPrivateKey(pem)
  } catch {
    return 'The key is not a readable PEM private key.'
  }
}

/** What the CLI shows of a certificate. */
export function certificateFacts(chain: string) {
  const all = (chain.match(PEM) ?? []).map((pem) => new X509Certificate(pem))
  const [own] = all
  if (own === undefined) throw new Error('a stored certificate is not readable')
  return {
    cert_domains: domainsOf(own),
    starts_at: own.validFromDate.toISOString(),
    expires_at: own.validToDate.toISOString(),
    issuer: oneLine(own.issuer),
    subject: oneLine(own.subject),
    'self_signed?': own.checkIssued(own),
    'ca_signed?': isVouchedFor(own, all),
    acm: false,
  }
}

/** `DNS:a.example, IP Address:…`; a certificate without alternative names has a common name. */
function domainsOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = [...(subjectAltName ?? '').matchAll(/DNS:([^,"\s]+)/g)].map(
    (match) => match[1] ?? '',
  )
  return names.length > 0 ? names : [/^CN=(.+)$/m.exec(subject)?.[1] ?? '']
}

/** `C=US\nCN=a.example` as `/C=US/CN=a.example`. */
const oneLine = (name: string): string => `/${name.split('\n').join('/')}`

/** Whether the chain leads to an authority that programs trust out of the box. */
function isVouchedFor(own: X509Certificate, chain: readonly X509Certificate[]): boolean {
  let current = own
  for (let length = 0; length < CHAIN_LENGTH_MAX; length++) {
    const next = chain.find((one) => one !== current && isSignedBy(current, one))
    if (next === undefined) break
    current = next
  }
  return rootCertificates.some((pem) => isSignedBy(current, new X509Certificate(pem)))
}

const CHAIN_LENGTH_MAX = 10

const isSignedBy = (certificate: X509Certificate, by: X509Certificate): boolean =>
  certificate.checkIssued(by) && certificate.verify(by.publicKey)
