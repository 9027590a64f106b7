import type { CanonicalDocument } from '../documents/canonical-document.ts'

/** The last saved documents of the participants who are active now, to log only what changed. */
export type DocumentCache = Readonly<{
  get: (uniqueId: string) => Readonly<{ version: number; document: CanonicalDocument }> | undefined
  put: (uniqueId: string, version: number, document: CanonicalDocument) => void
  drop: (uniqueId: string) => void
}>

export function createDocumentCache(bytesMax = BYTES_MAX): DocumentCache {
  const entries = new Map<string, { version: number; document: CanonicalDocument }>()
  let bytes = 0
  const drop = (uniqueId: string): void => {
    const old = entries.get(uniqueId)
    bytes -= old === undefined ? 0 : sizeOf(old.document)
    entries.delete(uniqueId)
  }
  return {
    get: (uniqueId) => entries.get(uniqueId),
    drop,
    put: (uniqueId, version, document) => {
      drop(uniqueId)
      if (sizeOf(document) > DOCUMENT_BYTES_MAX) return
      entries.set(uniqueId, { version, document })
      bytes += sizeOf(document)
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) break
        drop(oldest)
      }
    },
  }
}

/** With the room that was left when it was written. */
const sizeOf = ({ bytes }: CanonicalDocument): number => bytes.buffer.byteLength

/** Some hundred active participants. */
const BYTES_MAX = 32_000_000

/** Larger documents are logged whole. */
const DOCUMENT_BYTES_MAX = 8_000_000
