/** First byte of a TLS record that holds a handshake. */
export const TLS_HANDSHAKE = 0x16

/**
 * Whether what a client says after the TLS handshake is HTTP or the secret of a rendezvous: an HTTP
 * request line has spaces, a secret has none and ends its line. Undecided until either shows.
 */
export function speechOf(bytes: Uint8Array): 'http' | 'rendezvous' | 'undecided' {
  const end = Math.min(bytes.length, SECRET_BYTES_MAX)
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte === SPACE) return 'http'
    if (byte === LINE_FEED) return isBlank(bytes, i) ? 'http' : 'rendezvous'
  }
  return bytes.length >= SECRET_BYTES_MAX ? 'http' : 'undecided'
}

/** An empty first line: HTTP servers forgive it, a secret is never empty. */
const isBlank = (bytes: Uint8Array, end: number): boolean =>
  end === 0 || (end === 1 && bytes[0] === CARRIAGE_RETURN)

const SPACE = 0x20
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Secrets of ours have some 60 characters, plus a query. */
const SECRET_BYTES_MAX = 1024
