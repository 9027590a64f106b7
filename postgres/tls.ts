import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

/** What the TLS parameters of a PostgreSQL address ask for, with libpq's meaning of each. */
export type TlsWish = Readonly<{
  encrypt: boolean
  verifyChain: boolean
  verifyHost: boolean
  files: Readonly<{ ca?: string; cert?: string; key?: string }>
}>

/**
 * Splits an address into one without TLS parameters and what those asked for. `pg` itself reads
 * `sslmode=require` as `verify-full`, which refuses the self-signed servers that Heroku's and most
 * hosters' addresses mean; libpq encrypts without verifying unless `sslrootcert` is given.
 *
 * `prefer` and `allow` connect in plain: the driver has no way to ask and fall back.
 *
 * @see https://www.postgresql.org/docs/15/libpq-ssl.html
 */
export function splitTls(address: string): { address: string; tls: TlsWish } {
  const url = new URL(address)
  const take = (name: string): string | undefined => {
    const value = url.searchParams.get(name) ?? undefined
    url.searchParams.delete(name)
    return value
  }
  const mode = take('sslmode') ?? (take('ssl') === 'true' ? 'require' : 'disable')
  take('uselibpqcompat')
  const [ca, cert, key] = [take('sslrootcert'), take('sslcert'), take('sslkey')]
  const authority = ca === 'system' ? undefined : ca
  return {
    address: url.href,
    tls: {
      encrypt: !['disable', 'allow', 'prefer'].includes(mode),
      verifyChain: mode.startsWith('verify') || (mode === 'require' && ca !== undefined),
      verifyHost: mode === 'verify-full' || ca === 'system',
      files: {
        ...(authority === undefined ? {} : { ca: authority }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      },
    },
  }
}

/** The driver's options for a wish; reads the certificate files that it names. */
export function tlsOptions(wish: TlsWish): ConnectionOptions | false {
  if (!wish.encrypt) return false
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path))
  const [ca, cert, key] = [read(wish.files.ca), read(wish.files.cert), read(wish.files.key)]
  return {
    rejectUnauthorized: wish.verifyChain,
    ...(wish.verifyHost ? {} : { checkServerIdentity: () => undefined }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}
