import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { VARIATIONS, type Variation } from './variations.ts'

/** A Scala or Java source of an engine, by its path in the engine's folder. */
export type Source = Readonly<{ path: string; fingerprint: string }>

/** What an engine's own sources mean for the template that is used instead of them. */
export type Judgment = Readonly<{
  /** The template that the sources are of; undefined if that is not known. */
  template: string | undefined
  /** Documented changes of that template that ours makes as well. */
  variations: readonly Variation[]
  /** Paths of sources that are of no official version: what they do is not known. */
  unknown: readonly string[]
}>

/** Fingerprints of all versions of the official templates: template → fingerprint → file name. */
const KNOWN = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'known-sources.json'), 'utf8')))

/**
 * Decides what sources mean. The template is the one that knows most of them: files such as
 * `Serving.scala` are the same in several.
 *
 * @example judgeSources([]) // { template: undefined, variations: [], unknown: [] }
 */
export function judgeSources(sources: readonly Source[]): Judgment {
  const knownBy = (template: string): number =>
    sources.filter(({ fingerprint }) => isKnown(template, fingerprint)).length
  const [best] = Object.keys(KNOWN).toSorted((a, b) => knownBy(b) - knownBy(a))
  const template = best !== undefined && knownBy(best) > 0 ? best : undefined
  return {
    template,
    variations: sources.flatMap(({ fingerprint }) => VARIATIONS.get(fingerprint) ?? []),
    unknown: sources
      .filter(({ fingerprint }) => template === undefined || !isKnown(template, fingerprint))
      .map(({ path }) => path),
  }
}

const isKnown = (template: string, fingerprint: string): boolean =>
  Object.hasOwn(KNOWN[template] ?? {}, fingerprint)
