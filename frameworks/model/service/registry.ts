import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import { loadFolder, type Bundle } from '../bundle/load-folder.ts'
import type { Routing } from '../store/routing.ts'
import { problem } from '../problems.ts'

/** The versions at hand and which of them answers. */
export type Registry = Readonly<{
  all: () => readonly Bundle[]
  active: () => Bundle
  routing: () => Routing
  setRouting: (routing: Routing) => void
  /** The version for an id: the canary for its share of ids, always the same ones. */
  choose: (id: string | undefined) => Bundle
  shadows: () => readonly Bundle[]
  /** The version that a prediction was stamped with; the one that answers now if that is gone. */
  versionOf: (version: string) => Bundle
  /** By content hash, or by the name of its folder. @throws Problem `model_not_found` */
  find: (version: string) => Bundle
  /** Takes in versions that were read later. @returns those that are new */
  add: (bundles: readonly Bundle[]) => readonly Bundle[]
}>

/** A registry over versions that are loaded; the first is the folder's own. */
export function createRegistry(found: readonly [Bundle, ...Bundle[]], start: Routing): Registry {
  let routing = start
  let bundles: readonly [Bundle, ...Bundle[]] = found
  const named = (version: string | undefined): Bundle | undefined =>
    bundles.find((bundle) => bundle.version === version)
  // A version that a deploy took away cannot answer: then the folder's own does.
  const active = (): Bundle => named(routing.active) ?? bundles[0]
  const versionOf = (version: string): Bundle => named(version) ?? active()
  return {
    all: () => bundles,
    active,
    routing: () => routing,
    setRouting: (next) => (routing = next),
    choose: (id) => {
      const canary = id === undefined ? undefined : named(routing.canary)
      return canary !== undefined && shareOf(id!) < routing.canaryShare ? canary : active()
    },
    shadows: () => routing.shadows.flatMap((version) => named(version) ?? []),
    versionOf,
    find: (version) => {
      const bundle = named(version) ?? bundles.find((known) => known.name === version)
      if (bundle !== undefined) return bundle
      throw problem('model_not_found', `There is no version ${version}.`, {
        hint: `Versions: ${bundles.map((known) => `${known.version} (${known.name})`).join(', ')}`,
      })
    },
    add: (others) => {
      const fresh = others.filter(({ version }) => named(version) === undefined)
      bundles = [...bundles, ...fresh]
      return fresh
    },
  }
}

/** A number from 0 to 1 that is always the same for an id. */
function shareOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32
}

/**
 * Loads the folder's own model and those under `versions/`.
 *
 * @throws Problem if the folder's own cannot be served
 */
export async function loadVersions(
  directory: string,
  notice: (text: string) => void,
): Promise<[Bundle, ...Bundle[]]> {
  const own = await loadFolder(directory)
  return [own, ...(await loadOlder(directory, [own], notice))]
}

/**
 * Loads what is under `versions/` and is not known yet. What does not load is left out with a
 * notice: an old version must not stop a new one.
 */
export async function loadOlder(
  directory: string,
  known: readonly Bundle[],
  notice: (text: string) => void,
): Promise<Bundle[]> {
  const entries = await readdir(join(directory, 'versions'), { withFileTypes: true }).catch(
    () => [],
  )
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  for (const name of names.slice(VERSIONS_MAX))
    notice(`versions/${name} is skipped: at most ${VERSIONS_MAX} older versions are served.`)
  const bundles: Bundle[] = []
  for (const name of names.slice(0, VERSIONS_MAX)) {
    try {
      const bundle = await loadFolder(join(directory, 'versions', name))
      const isKnown = [...known, ...bundles].some(({ version }) => version === bundle.version)
      if (!isKnown) bundles.push(bundle)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      notice(`versions/${name} is left out: ${error.message}`)
    }
  }
  return bundles
}

/** Every one of them stays in memory. */
const VERSIONS_MAX = 20
