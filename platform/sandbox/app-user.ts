import { createHash } from 'node:crypto'

/** The Linux user that owns and runs everything of one app. */
export type AppUser = Readonly<{ uid: number; name: string }>

/** User ids that this machine (or the container we are in) can use, as `/proc/self/uid_map` says. */
export type UidRange = Readonly<{ first: number; count: number }>

/**
 * The user of an app: the same on every machine and after every reinstallation, with no entry in
 * `/etc/passwd` and no state of ours. Thirty bits of a hash make a collision between two apps of
 * one installation unthinkable (1 in 20,000 at 300 apps); in a container with few ids it is merely
 * unlikely.
 */
export function appUser(appId: string, range: UidRange = ALL_UIDS): AppUser {
  const hash = createHash('sha256').update(appId).digest().readUInt32BE(0)
  const uid = range.first + (hash % range.count)
  return { uid, name: `u${uid}` }
}

/** Above what Debian, systemd and container runtimes hand out. */
const ALL_UIDS: UidRange = { first: 2 ** 30, count: 2 ** 30 }

/** Where a container leaves us only 65,536 ids: above the people's, below systemd's own. */
const FEW_UIDS: UidRange = { first: 20_000, count: 40_000 }

/**
 * @param uidMap text of `/proc/self/uid_map`; none (no Linux) counts as unrestricted
 * @returns undefined if too few ids are mapped to give apps their own users
 */
export function usableUids(uidMap: string | undefined): UidRange | undefined {
  if (uidMap === undefined) return ALL_UIDS
  const mapped = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const covers = ({ first, count }: UidRange): boolean =>
    mapped.some(([from = 0, , length = 0]) => from <= first && first + count <= from + length)
  return [ALL_UIDS, FEW_UIDS].find(covers)
}
