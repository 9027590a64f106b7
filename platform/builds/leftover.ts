import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { endGroup } from '../sandbox/index.ts'

/** Notes the process group that a build runs, for the control plane that follows one that died. */
export async function noteProcess(file: string, pid: number): Promise<void> {
  await writeFile(file, JSON.stringify({ pid, startedAt: startOf(pid) }))
}

/** Ends what a dead control plane's build left running, if that is still the same process. */
export async function endLeftover(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return
  const { pid, startedAt } = JSON.parse(text) as { pid: number; startedAt: string | null }
  if (startedAt !== null && startOf(pid) === startedAt) endGroup(pid)
  await rm(file, { force: true })
}

/** When a process started, in the kernel's ticks; null where that cannot be known. */
function startOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[19] ?? null
  } catch {
    return null
  }
}
