import type { Release, Slug } from '../store/index.ts'

/**
 * The slugs of one app that nothing needs any more: neither among the newest, nor released now or
 * about to be, nor run by a dyno.
 *
 * @param slugs oldest first
 * @param releases of the app, oldest first
 * @param running ids of slugs that dynos run
 */
export function expendableSlugs(
  slugs: readonly Slug[],
  releases: readonly Release[],
  running: ReadonlySet<string>,
): Slug[] {
  const newest = new Set(slugs.slice(-SLUGS_KEPT).map((slug) => slug.id))
  const current = releases.findLast((release) => release.status === 'succeeded')
  const pending = releases.filter((release) => release.status === 'pending')
  const released = new Set([current, ...pending].map((release) => release?.slugId))
  return slugs.filter(
    (slug) => !newest.has(slug.id) && !released.has(slug.id) && !running.has(slug.id),
  )
}

/** How many slugs of an app one can roll back to. */
const SLUGS_KEPT = 10
