import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InstanceLimits } from '../engine.ts'

/** Limits and counters of instances, by the kernel's control groups where it lets us. */
export type Cgroups = Readonly<{
  /** False: nothing is limited, `notice` says why. */
  limits: boolean
  notice: string | null
  /** Makes an instance's groups. @returns the files to which its first process writes its pid */
  create: (id: string, limits: InstanceLimits) => string[]
  memoryBytes: (id: string) => number | undefined
  /** Whether the kernel ended a process of the instance for want of memory. */
  wasOutOfMemory: (id: string) => boolean
  processes: (id: string) => number[]
  remove: (id: string) => Promise<void>
}>

/** Where the controllers we use are mounted. */
export type Hierarchy =
  | Readonly<{ version: 1; memory: string; cpu: string; pids: string }>
  | Readonly<{ version: 2; root: string }>

/**
 * The hierarchy that has memory, cpu and pids. Both generations can be mounted at once, with the
 * controllers in either: so look for the controllers, not for the mount.
 *
 * @param mountinfo text of `/proc/self/mountinfo`
 * @param unifiedControllers text of `cgroup.controllers` at the root of a v2 mount
 */
export function findHierarchy(
  mountinfo: string,
  unifiedControllers: (mountPoint: string) => string,
): Hierarchy | undefined {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [left = '', right] = line.split(' - ')
    if (right === undefined) return []
    const [type = '', , options = ''] = right.split(' ')
    return [{ point: left.split(' ')[4] ?? '', type, options: options.split(',') }]
  })
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.point
  if (unified !== undefined) {
    const controllers = unifiedControllers(unified).trim().split(' ')
    if (CONTROLLERS.every((name) => controllers.includes(name)))
      return { version: 2, root: unified }
  }
  const at = (controller: string): string | undefined =>
    mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))?.point
  const [memory, cpu, pids] = CONTROLLERS.map(at)
  if (memory === undefined || cpu === undefined || pids === undefined) return undefined
  return { version: 1, memory, cpu, pids }
}

const CONTROLLERS = ['memory', 'cpu', 'pids'] as const

/** What to write where to limit an instance; file name → value, per folder. */
export function limitFiles(
  hierarchy: Hierarchy,
  limits: InstanceLimits,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const bytes = String(limits.memoryKillMb * 2 ** 20)
  // Our parent shell and the two processes of bubblewrap count too.
  const processes = String(limits.processes + OWN_PROCESSES)
  if (hierarchy.version === 2) {
    const weight = String(Math.min(10_000, 100 * limits.cpuShares))
    const memory = { 'memory.max': bytes, 'memory.swap.max': '0' }
    return { [hierarchy.root]: { ...memory, 'pids.max': processes, 'cpu.weight': weight } }
  }
  return {
    [hierarchy.memory]: { 'memory.limit_in_bytes': bytes, 'memory.memsw.limit_in_bytes': bytes },
    [hierarchy.cpu]: { 'cpu.shares': String(1024 * limits.cpuShares) },
    [hierarchy.pids]: { 'pids.max': processes },
  }
}

const OWN_PROCESSES = 3

/** Folder below which all our groups lie, as Docker has `docker`. */
const GROUP = 'hokku'

/** @param enabled false in plain mode without root */
export function openCgroups(enabled: boolean): Cgroups {
  if (!enabled) return unlimited('hokku does not run as root')
  try {
    const hierarchy = findHierarchy(readFileSync('/proc/self/mountinfo', 'utf8'), (point) =>
      readFileSync(join(point, 'cgroup.controllers'), 'utf8'),
    )
    if (hierarchy === undefined) return unlimited('no memory, cpu and pids controllers')
    prepareGroup(hierarchy)
    return cgroupsOf(hierarchy)
  } catch (error) {
    return unlimited(error instanceof Error ? error.message : String(error))
  }
}

const unlimited = (why: string): Cgroups => ({
  limits: false,
  notice: `Memory and CPU of dynos are not limited by the kernel (${why}).`,
  create: () => [],
  memoryBytes: () => undefined,
  wasOutOfMemory: () => false,
  processes: () => [],
  remove: async () => {},
})

const foldersOf = (hierarchy: Hierarchy): string[] =>
  hierarchy.version === 2
    ? [hierarchy.root]
    : [...new Set([hierarchy.memory, hierarchy.cpu, hierarchy.pids])]

function prepareGroup(hierarchy: Hierarchy): void {
  for (const folder of foldersOf(hierarchy)) mkdirSync(join(folder, GROUP), { recursive: true })
  if (hierarchy.version === 1) return
  for (const folder of [hierarchy.root, join(hierarchy.root, GROUP)]) {
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory +cpu +pids')
  }
}

function cgroupsOf(hierarchy: Hierarchy): Cgroups {
  const memory = hierarchy.version === 2 ? hierarchy.root : hierarchy.memory
  const memoryFile = (id: string, name: string): string =>
    readFileSync(join(memory, GROUP, id, name), 'utf8')
  const count = (text: string, keys: readonly string[]): number =>
    text
      .split('\n')
      .map((line) => line.split(' '))
      .reduce((sum, [key = '', value]) => (keys.includes(key) ? sum + Number(value) : sum), 0)
  return {
    limits: true,
    notice: null,
    create(id, limits) {
      return Object.entries(limitFiles(hierarchy, limits)).map(([folder, files]) => {
        const group = join(folder, GROUP, id)
        mkdirSync(group, { recursive: true })
        for (const [name, value] of Object.entries(files)) {
          // Without swap accounting the swap files are missing; everything else must be there.
          if (existsSync(join(group, name))) writeFileSync(join(group, name), value)
        }
        return join(group, 'cgroup.procs')
      })
    },
    memoryBytes(id) {
      try {
        return count(
          memoryFile(id, 'memory.stat'),
          hierarchy.version === 2 ? ['anon', 'shmem'] : ['total_rss', 'total_shmem'],
        )
      } catch {
        return undefined
      }
    },
    wasOutOfMemory(id) {
      try {
        const name = hierarchy.version === 2 ? 'memory.events' : 'memory.oom_control'
        return count(memoryFile(id, name), ['oom_kill']) > 0
      } catch {
        return false
      }
    },
    processes(id) {
      try {
        return memoryFile(id, 'cgroup.procs').split('\n').filter(Boolean).map(Number)
      } catch {
        return []
      }
    },
    async remove(id) {
      await Promise.all(
        foldersOf(hierarchy).map(async (folder) => await removeGroup(join(folder, GROUP, id))),
      )
    },
  }
}

/** A group can go once its last process is reaped, which takes the kernel a moment. */
async function removeGroup(folder: string): Promise<void> {
  for (let tried = 0; tried < REMOVE_TRIES && existsSync(folder); tried++) {
    try {
      rmdirSync(folder)
    } catch {
      await sleep(REMOVE_PAUSE_MS)
    }
  }
}

const REMOVE_TRIES = 40
const REMOVE_PAUSE_MS = 50
