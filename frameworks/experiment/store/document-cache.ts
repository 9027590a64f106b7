import type { CanonicalDocument } from '../data/canonical-document.ts'

/** The last saved documents of the participants who are active now, to log only what changed. */
export type DocumentCache = Readonly<{
  get: (uniqueId: string) => Readonly<{ version: number; document: CanonicalDocument }> | undefined
  put: (uniqueId: string, version: number, document: CanonicalDocument) => void
}>

export function createDocumentCache(charactersMax = CHARACTERS_MAX): DocumentCache {
  const entries = new Map<string, { version: number; document: CanonicalDocument }>()
  let characters = 0
  const drop = (uniqueId: string): void => {
    characters -= entries.get(uniqueId)?.document.text.length ?? 0
    entries.delete(uniqueId)
  }
  return {
    get: (uniqueId) => entries.get(uniqueId),
    put: (uniqueId, version, document) => {
      drop(uniqueId)
      if (document.text.length > DOCUMENT_CHARACTERS_MAX) return
      entries.set(uniqueId, { version, document })
      characters += document.text.length
      for (const oldest of entries.keys()) {
        if (characters <= charactersMax) break
        drop(oldest)
      }
    },
  }
}

/** Some hundred active participants; one byte a character, since stored documents are ASCII. */
const CHARACTERS_MAX = 32_000_000

/** Larger documents are logged whole. */
const DOCUMENT_CHARACTERS_MAX = 2_000_000
