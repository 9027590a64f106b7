import type { CanonicalDocument, Member } from './canonical-document.ts'

/**
 * What changed between two saves of a participant's document, as text. Documents grow at the end of
 * their lists, so the log of all saves stays about as long as the last document.
 */
export function deltaBetween(base: CanonicalDocument, next: CanonicalDocument): string {
  const before = new Map(base.members.map((member) => [member.key, member]))
  const changes = next.members.map((member): Change => {
    const old = before.get(member.key)
    if (old !== undefined && isSame(base, old, next, member)) return [SAME, member.key]
    const kept = old === undefined ? 0 : keptOf(base, old, next, member)
    return kept > 0
      ? [LONGER, member.key, next.bytes.toString('latin1', member.start + kept, member.end)]
      : [OTHER, member.key, valueText(next, member)]
  })
  return JSON.stringify(changes)
}

/** The text that was `next` when `delta` was made against `base`. */
export function applyDelta(base: CanonicalDocument, delta: string): string {
  const before = new Map(base.members.map((member) => [member.key, valueText(base, member)]))
  const members = (JSON.parse(delta) as Change[]).map(([kind, key, text]) => {
    const old = before.get(key) ?? ''
    if (kind === SAME) return `${key}: ${old}`
    return `${key}: ${kind === LONGER ? old.slice(0, -1) + text : text}`
  })
  return `{${members.join(', ')}}`
}

/** How a member changed, its key as it stands in the text, and new text. */
type Change = readonly [typeof SAME | typeof LONGER | typeof OTHER, string, string?]
const SAME = 0
const LONGER = 1
const OTHER = 2

const isSame = (
  base: CanonicalDocument,
  old: Member,
  next: CanonicalDocument,
  now: Member,
): boolean =>
  old.end - old.start === now.end - now.start &&
  base.bytes.compare(next.bytes, now.start, now.end, old.start, old.end) === 0

/** How much of a list is there again at the start of a longer one; 0 if it is none. */
function keptOf(
  base: CanonicalDocument,
  old: Member,
  next: CanonicalDocument,
  now: Member,
): number {
  const kept = old.end - old.start - 1
  const isLonger =
    base.bytes[old.start] === OPEN_BRACKET &&
    kept < now.end - now.start &&
    base.bytes.compare(next.bytes, now.start, now.start + kept, old.start, old.end - 1) === 0
  return isLonger ? kept : 0
}

const OPEN_BRACKET = 0x5b

const valueText = ({ bytes }: CanonicalDocument, { start, end }: Member): string =>
  bytes.toString('latin1', start, end)
