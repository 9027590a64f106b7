import { setTimeout as sleep } from 'node:timers/promises'
import { diskUse, freeSpace, isCountDue, isShort, type LastCount } from '../sandbox/index.ts'
import { problem } from '../store/index.ts'
import { megabytes } from './disk.ts'
import type { BuildLimits } from './limits.ts'

export type TreeLimit = Readonly<{
  /** Aborted with the build, and when it holds too much. */
  signal: AbortSignal
  /** Throws why the limit ended the build, if it did. */
  check: () => void
  stop: () => void
}>

/** Ends a build whose trees outgrow their limit, or that fills the disk of the machine. */
export function limitTree(
  trees: readonly string[],
  limits: Pick<BuildLimits, 'treeBytesMax' | 'treeFilesMax'>,
  { root, signal }: Readonly<{ root: string; signal: AbortSignal }>,
): TreeLimit {
  const exceeded = new AbortController()
  const done = new AbortController()
  const watching = { root, done: done.signal, exceed: (why: Error) => exceeded.abort(why) }
  // What cannot be looked at is not limited: the build itself will meet the same fault.
  watch(trees, limits, watching).catch(() => {})
  return {
    signal: AbortSignal.any([signal, exceeded.signal]),
    check: () => exceeded.signal.throwIfAborted(),
    stop: () => done.abort(),
  }
}

async function watch(
  trees: readonly string[],
  { treeBytesMax, treeFilesMax }: Pick<BuildLimits, 'treeBytesMax' | 'treeFilesMax'>,
  at: Readonly<{ root: string; done: AbortSignal; exceed: (why: Error) => void }>,
): Promise<void> {
  let last: LastCount | undefined = { at: performance.now(), free: await freeSpace(at.root) }
  while (!at.done.aborted) {
    await sleep(LOOK_MS, undefined, { signal: at.done, ref: false }).catch(() => {})
    const free = await freeSpace(at.root)
    if (at.done.aborted) return
    if (isShort(free)) return at.exceed(diskFull(free.bytes))
    if (!isCountDue(last, performance.now(), free)) continue
    const { bytes, files } = await diskUse(trees)
    last = { at: performance.now(), free }
    if (bytes > treeBytesMax) return at.exceed(tooLarge(megabytes(bytes), megabytes(treeBytesMax)))
    if (files > treeFilesMax) return at.exceed(tooLarge(`${files} files`, String(treeFilesMax)))
  }
}

const LOOK_MS = 2000

const tooLarge = (holds: string, limit: string) =>
  problem('build_rejected', `The build holds ${holds} on disk; its limit is ${limit}.`, {
    hint: 'Install and download less, or fetch data when a dyno runs. Nothing has changed.',
  })

const diskFull = (free: number) =>
  problem('disk_full', `The build was ended: only ${megabytes(free)} are free on the disk.`, {
    hint: 'Make room and push again. Nothing has changed.',
  })
