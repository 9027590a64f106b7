import type { Cgroups } from './cgroups.ts'
import {
  descendants,
  findProcess,
  processEnvironment,
  processTable,
  type ProcessEntry,
} from './process-table.ts'

/** The shell that watches over an instance, and the instance's id. */
export type TreeRoot = Readonly<{
  /** Null if the shell never came so far. */
  pid: number | null
  /** When the shell started; null for our own children, which cannot be mistaken. */
  start: string | null
  id: string
}>

/** Which processes belong to an instance. */
export class ProcessTrees {
  readonly #appDepth: number
  readonly #cgroups: Pick<Cgroups, 'processes'>

  /** @param appDepth how far below the shell the app's own processes begin */
  constructor(appDepth: number, cgroups: Pick<Cgroups, 'processes'>) {
    this.#appDepth = appDepth
    this.#cgroups = cgroups
  }

  /** The shell, if it is still that one: its pid may belong to another process by now. */
  shell({ pid, start }: TreeRoot): ProcessEntry | undefined {
    const found = pid === null ? undefined : findProcess(pid)
    return start === null || found?.start === start ? found : undefined
  }

  /** The app's own processes: neither our shell nor bubblewrap. */
  app(root: TreeRoot): ProcessEntry[] {
    return this.#tree(root)
      .filter(({ depth }) => depth >= this.#appDepth)
      .map(({ process }) => process)
  }

  /** Everything below the shell; the shell itself if there is nothing. */
  all(root: TreeRoot): ProcessEntry[] {
    const below = this.#tree(root).map(({ process }) => process)
    const shell = this.shell(root)
    return below.length > 0 || shell === undefined ? below : [shell]
  }

  /**
   * What is left of an instance whose shell is gone: what an app put into the background, or half
   * a bubblewrap whose other half was killed while it prepared. Sandboxes that ended in peace
   * leave nothing.
   */
  leftBehind({ pid, start, id }: TreeRoot): ProcessEntry[] {
    if (pid === null) return []
    const holder = findProcess(pid)
    // The pid was given out again: sessions of that number belong to another process now.
    if (start !== null && holder !== undefined && holder.start !== start) return []
    return this.#strays(processTable(), pid, id).filter((process) => process.pid !== pid)
  }

  get isSandboxed(): boolean {
    return this.#appDepth > 1
  }

  #tree(root: TreeRoot): { process: ProcessEntry; depth: number }[] {
    const shell = this.shell(root)
    if (shell === undefined) return []
    const table = processTable()
    const found = descendants(table, shell.pid)
    if (this.isSandboxed) return found
    const known = new Set([shell.pid, ...found.map(({ process }) => process.pid)])
    const strays = this.#strays(table, shell.pid, root.id).filter(({ pid }) => !known.has(pid))
    return [...found, ...strays.map((process) => ({ process, depth: 1 }))]
  }

  /** Processes that left their parents, known by session, control group or environment. */
  #strays(table: readonly ProcessEntry[], shell: number, id: string): ProcessEntry[] {
    const grouped = this.#cgroups.processes(id)
    return table.filter(
      ({ pid, session }) =>
        session === shell || grouped.includes(pid) || processEnvironment(pid).includes(id),
    )
  }
}
