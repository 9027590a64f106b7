import type { IncomingMessage } from 'node:http'
import { jsonOfCounts, type Version } from './documents.ts'
import { originOf } from './http.ts'

export const isPending = ({ status }: Version): boolean => status !== 'done' && status !== 'failed'

/** What programs get about a version. */
export const described = (version: Version, request: IncomingMessage) => ({
  id: version.id,
  name: version.name,
  slug: version.slug,
  version: version.n,
  filename: version.filename,
  status: version.status,
  text: statusLine(version),
  progress: { bytes: version.doneBytes, total: version.bytes },
  attempt: version.attempt,
  error: version.error,
  totalWords: version.totalWords,
  distinctWords: version.distinctWords,
  approximate: version.approximate,
  unreadable: version.unreadable,
  secondsQueued: secondsQueued(version),
  secondsCounting: secondsCounting(version),
  links: {
    self: `/api/documents/${version.id}`,
    events: `/api/documents/${version.id}/events`,
    cloud: addressOfCloud(version, request),
  },
})

export const addressOfCloud = ({ slug, n }: Version, request: IncomingMessage): string =>
  `${originOf(request)}/wordcloud/${encodeURIComponent(slug)}?version=${n}`

/** The same with the counts, as text: JSON.stringify would lose a word that is called `__proto__`. */
export function describedWithCounts(version: Version, request: IncomingMessage): string {
  const counts = version.words === null ? 'null' : jsonOfCounts(version.words)
  return `${JSON.stringify(described(version, request)).slice(0, -1)},"counts":${counts}}`
}

export function statusLine(version: Version): string {
  switch (version.status) {
    case 'uploading':
      return 'The file is on its way.'
    case 'queued':
      return version.error === null ? 'Waiting for a worker.' : `Trying again: ${version.error}`
    case 'counting':
      return 'Counting words.'
    case 'failed':
      return `Failed: ${version.error ?? 'for no known reason'}`
    case 'done':
      return doneLine(version)
  }
}

/** What was counted, how long it took, and what one should know about it. */
function doneLine(version: Version): string {
  const { approximate, totalWords, distinctWords, unreadable, bytes } = version
  const queued = secondsQueued(version) ?? 0
  const counting = secondsCounting(version) ?? 0
  const speed = (bytes ?? 0) / 1e6 / Math.max(counting, 0.001)
  const sentences = [
    `${grouped(totalWords)} words, ${approximate ? 'about ' : ''}${grouped(distinctWords)} different ones, in ${grouped(bytes)} bytes.`,
    `Waited ${queued.toFixed(1)} s, counted in ${counting.toFixed(1)} s (${speed.toFixed(1)} MB/s).`,
    ...(approximate ? ['So many different words that rare ones were left out on the way.'] : []),
    ...(unreadable > 0
      ? [`${grouped(unreadable)} places are not UTF-8 and were skipped: save the file as UTF-8.`]
      : []),
  ]
  return sentences.join(' ')
}

const grouped = (value: number | null): string => (value ?? 0).toLocaleString('en')

const secondsQueued = ({ queuedAt, startedAt }: Version) => seconds(queuedAt, startedAt)
const secondsCounting = ({ startedAt, countedAt }: Version) => seconds(startedAt, countedAt)
const seconds = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.max(0, (to.getTime() - from.getTime()) / 1000)
