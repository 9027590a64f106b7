import type { LogSessionRequest } from './contract.ts'

/** Seals text about something, as `store.secrets` does. */
type Secrets = Readonly<{
  seal: (plain: string, about: string) => Uint8Array
  open: (sealed: Uint8Array, about: string) => string
}>

/**
 * The secret path of a log session is the session itself, sealed: it survives any restart, and
 * nothing is left behind by the many that are never asked for again.
 */
export function sealSession(request: LogSessionRequest, now: number, secrets: Secrets): string {
  const content: Content = { ...request, expiresAt: now + SESSION_MS }
  return Buffer.from(secrets.seal(JSON.stringify(content), ABOUT)).toString('base64url')
}

/** The session, unless the secret is none of ours or has expired. */
export function openSession(
  secret: string,
  now: number,
  secrets: Secrets,
): LogSessionRequest | undefined {
  try {
    const plain = secrets.open(Buffer.from(secret, 'base64url'), ABOUT)
    const { expiresAt, ...request } = JSON.parse(plain) as Content
    return expiresAt > now ? request : undefined
  } catch {
    // What opens was sealed by us, so it has the right shape; what does not open is a guess.
    return undefined
  }
}

type Content = LogSessionRequest & Readonly<{ expiresAt: number }>

const ABOUT = 'log-session'

/** A tail may be taken up again for this long. */
const SESSION_MS = 24 * 3600 * 1000
