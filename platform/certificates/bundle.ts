import { rootCertificates } from 'node:tls'
import { readIfThere, writeUnlessSame } from './pem-files.ts'

/**
 * Writes the bundle of the system's authorities, those of `trusted` files, and ours. Without
 * `trusted` an existing bundle stays as it is.
 */
export async function writeBundle(
  path: string,
  root: string,
  trusted: readonly string[] | undefined,
): Promise<void> {
  if (trusted === undefined && (await readIfThere(path))?.includes(root.trim()) === true) return
  const mine = (trusted ?? []).filter((file) => file !== path)
  const users = await Promise.all(mine.map(readIfThere))
  const system = await Promise.all(SYSTEM_BUNDLES.map(readIfThere))
  const first = system.find((text) => text !== undefined) ?? rootCertificates.join('\n')
  const texts = [first, ...users.filter((text) => text !== undefined), root]
  await writeUnlessSame(path, bundleOf(texts))
}

/** Every certificate of several PEM texts once, in order; anything else in them is left out. */
export function bundleOf(texts: readonly string[]): string {
  const found = texts.flatMap((text) => text.match(CERTIFICATE) ?? [])
  const unique = new Map(
    found.map((certificate) => [certificate.replaceAll(/\s/g, ''), certificate]),
  )
  return [...unique.values()].map((certificate) => `${certificate}\n`).join('')
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Where systems keep the authorities they trust: Debian, Fedora, SUSE, macOS and Alpine. */
const SYSTEM_BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]
