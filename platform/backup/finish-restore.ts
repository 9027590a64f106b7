import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  openSync,
  fsyncSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Home } from '../store/index.ts'

/** What takes whose place; written when all of it is ready. */
export type RestoreJournal = z.infer<typeof Journal>

const Name = z.string().regex(/^[a-z][\w.-]*$/)
const Journal = z.strictObject({
  /** Entries that come from the stage, in the place of those in the home. */
  incoming: z.array(Name),
  /** Entries of the home that are moved away: they belong to the old state. */
  retired: z.array(Name),
  /** Folder of the home to which the old ones go. */
  kept: z.string().regex(/^before-restore-[\w-]+$/),
})

export const journalFile = (home: Pick<Home, 'root'>): string => join(home.root, 'restore.json')
export const stagedFolder = (home: Pick<Home, 'root'>): string => join(home.root, 'restore')

/**
 * Puts a restored home in the place of the old one, or continues with it after a crash. Each step is
 * one rename that can be repeated, so it may end anywhere: without a journal the old home counts,
 * with one the new home.
 *
 * @returns where the old files are, or undefined if there was nothing to do
 */
export function finishRestore(
  home: Pick<Home, 'root'>,
  rename: (from: string, to: string) => void = renameSync,
): string | undefined {
  const file = journalFile(home)
  const staged = stagedFolder(home)
  if (!existsSync(file)) {
    // One that was cut off before its journal: the old home was never touched.
    rmSync(staged, { recursive: true, force: true })
    return undefined
  }
  const { incoming, retired, kept } = Journal.parse(JSON.parse(readFileSync(file, 'utf8')))
  const old = join(home.root, kept)
  mkdirSync(old, { recursive: true, mode: 0o700 })
  const moveIfThere = (name: string): void => {
    const [from, to] = [join(home.root, name), join(old, name)]
    if (existsSync(from) && !existsSync(to)) rename(from, to)
  }
  for (const name of retired.filter((one) => !incoming.includes(one))) moveIfThere(name)
  for (const name of incoming) {
    // What is not in the stage any more is in its place.
    if (!existsSync(join(staged, name))) continue
    moveIfThere(name)
    rename(join(staged, name), join(home.root, name))
  }
  syncFolder(home.root)
  rmSync(file)
  rmSync(staged, { recursive: true, force: true })
  return old
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
