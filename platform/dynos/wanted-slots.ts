import type { Release, Store } from '../store/index.ts'
import type { Slot } from './plan.ts'

/** The places of an app's formation, filled by what `release` runs. */
export function wantedSlots(
  store: Pick<Store, 'slugs' | 'formations'>,
  appId: string,
  release: Release | undefined,
): Slot[] {
  const slug = release?.slugId == null ? undefined : store.slugs.find(release.slugId)
  if (release === undefined || slug === undefined) return []
  return store.formations.list(appId).flatMap(({ type, quantity, size }) => {
    const command = slug.processTypes[type]
    // The release command runs once a release, as a one-off.
    if (command === undefined || type === 'release') return []
    const ordinals = Array.from({ length: quantity }, (_, index) => index + 1)
    const own = { command, size, releaseId: release.id, releaseVersion: release.version }
    return ordinals.map((ordinal) => ({ type, ordinal, ...own }))
  })
}
