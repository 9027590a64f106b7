import type { Secrets, Transfer } from '../../store/index.ts'

/** As long as Heroku's links to backups work. */
const VALID_MS = 60 * 60_000

/** A link's secret: which backup and until when, sealed, so that nothing has to be stored. */
export function downloadToken({ id }: Pick<Transfer, 'id'>, secrets: Secrets, now: Date): string {
  const claim = JSON.stringify({ id, until: now.getTime() + VALID_MS })
  return Buffer.from(secrets.seal(claim, ABOUT)).toString('base64url')
}

/** @returns the transfer's id; undefined for a token that is not ours or has expired */
export function readDownloadToken(token: string, secrets: Secrets, now: Date): string | undefined {
  try {
    const claim: unknown = JSON.parse(secrets.open(Buffer.from(token, 'base64url'), ABOUT))
    if (typeof claim !== 'object' || claim === null) return undefined
    if (!('id' in claim) || !('until' in claim) || typeof claim.id !== 'string') return undefined
    return Number(claim.until) > now.getTime() ? claim.id : undefined
  } catch {
    return undefined
  }
}

const ABOUT = 'backup-download'
