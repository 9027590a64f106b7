import { randomBytes } from 'node:crypto'

/** A new access key: 64 characters, url-safe, never starting with a hyphen (CLIs would take it for an option). */
export function createAccessKey(): string {
  for (;;) {
    const key = randomBytes(48).toString('base64url')
    if (!key.startsWith('-')) return key
  }
}
