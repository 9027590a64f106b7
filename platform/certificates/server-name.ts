import { isIP } from 'node:net'

/** What a leaf certificate is for: the names and addresses that a server answers to. */
export type ServerNames = Readonly<{
  /** First part of the file's name on disk. */
  file: string
  subject: string
  dnsNames: readonly string[]
  addresses: readonly Uint8Array[]
}>

/**
 * The names of the leaf for one host name, wildcard (`*.example.com`) or IP address. The loopback names share one leaf, since
 * a client that types an address sends no server name.
 *
 * @throws TypeError for what is neither: the name becomes part of a path
 */
export function serverNamesOf(name: string): ServerNames {
  const lower = name.toLowerCase()
  if (LOOPBACK.includes(lower)) {
    const [host = '', ...addresses] = LOOPBACK
    return { ...of(host), dnsNames: [host], addresses: addresses.map(addressBytes) }
  }
  if (isIP(lower) !== 0) return { ...of(lower), dnsNames: [], addresses: [addressBytes(lower)] }
  if (!isHostName(lower.replace(/^\*\./, '')))
    throw new TypeError(`${JSON.stringify(name)} is not a host name`)
  return { ...of(lower), dnsNames: [lower], addresses: [] }
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

const of = (name: string) => ({ file: name.replace('*', '_').replaceAll(':', '_'), subject: name })

/** Dot-separated labels of letters, digits and inner hyphens, 253 characters at most. */
const isHostName = (name: string): boolean =>
  name.length <= 253 && /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/.test(name)

/** An IP address in network order, 4 or 16 bytes. */
function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return Buffer.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]))
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
