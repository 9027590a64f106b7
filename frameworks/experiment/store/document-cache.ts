import type { CanonicalDocument } from '../data/canonical-document.ts'

/** The last saved documents of the participants who are active now, to log only what changed. */
export type DocumentCache = Readonly<{
  get: (uniqueId: string) => Readonly<{ version: number; document: CanonicalDocument }> | undefined
  put: (uniqueId: string, version: number, document: CanonicalDocument) => void
}>

export function createDocumentCache(bytesMax = BYTES_MAX): DocumentCache {
  const entries = new Map<string, { version: number; document: CanonicalDocument }>()
  let bytes = 0
  const drop = (uniqueId: string): void => {
    bytes -= entries.get(uniqueId)?.document.bytes.length ?? 0
    entries.delete(uniqueId)
  }
  return {
    get: (uniqueId) => entries.get(uniqueId),
    put: (uniqueId, version, document) => {
      drop(uniqueId)
      if (document.bytes.length > DOCUMENT_BYTES_MAX) return
      entries.set(uniqueId, { version, document })
      bytes += document.bytes.length
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) break
        drop(oldest)
      }
    },
  }
}

/** Some hundred active participants. */
const BYTES_MAX = 32_000_000

/** Larger documents are logged whole. */
const DOCUMENT_BYTES_MAX = 2_000_000
