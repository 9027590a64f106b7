import type { CanonicalDocument, Member } from '../data/canonical-document.ts'

/**
 * What changed between two saves of a participant's document, as text. Documents grow at the end of
 * their lists, so the log of all saves stays about as long as the last document.
 */
export function deltaBetween(base: CanonicalDocument, next: CanonicalDocument): string {
  const before = new Map(base.members.map((member) => [member.key, member]))
  const changes = next.members.map((member): Change => {
    const old = before.get(member.key)
    return changeOf(member.key, old && valueText(base, old), valueText(next, member))
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

function changeOf(key: string, old: string | undefined, now: string): Change {
  if (old === now) return [SAME, key]
  const kept = old?.slice(0, -1)
  const isLonger = kept?.startsWith('[') && now.startsWith(kept)
  return isLonger && kept ? [LONGER, key, now.slice(kept.length)] : [OTHER, key, now]
}

const valueText = (document: CanonicalDocument, member: Member): string =>
  document.text.slice(member.start, member.end)
