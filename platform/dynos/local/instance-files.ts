import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../../sandbox/index.ts'
import { parsePs, parseStat, type ProcessEntry } from './process-table.ts'

/** What outlives the control plane of an instance. Holds no environment. */
export type InstanceRecord = Readonly<{
  id: string
  appId: string
  name: string
  attached: boolean
  output: string
  /** Which run of the machine it was started in: pids of another one mean nothing. */
  boot: string
}>

/** The files of one instance: everything about it that outlives the control plane. */
export type InstanceFiles = Readonly<{
  folder: string
  /** Where the supervising shell writes its exit status; one folder for all, so one watcher. */
  exitFile: string
  /** Own `/tmp`, own layer above the slug. */
  tmp: string
  private: string
}>

export function filesOf(dynosFolder: string, id: string): InstanceFiles {
  const folder = join(dynosFolder, 'instances', id)
  return {
    folder,
    exitFile: join(dynosFolder, 'exits', id),
    tmp: join(folder, 'tmp'),
    private: join(folder, 'private'),
  }
}

export function prepareFolders(dynosFolder: string): void {
  for (const name of ['instances', 'exits']) {
    mkdirSync(join(dynosFolder, name), { recursive: true, mode: 0o711 })
  }
}

export function writeRecord(files: InstanceFiles, record: InstanceRecord): void {
  writeFileSync(join(files.folder, 'instance.json'), JSON.stringify(record), { mode: 0o600 })
}

/** Records of all instances; folders that never came so far are reported by id alone. */
export function readRecords(dynosFolder: string): (InstanceRecord | { id: string; boot: null })[] {
  return readdirSync(join(dynosFolder, 'instances')).map((id) => {
    try {
      const file = join(filesOf(dynosFolder, id).folder, 'instance.json')
      return JSON.parse(readFileSync(file, 'utf8')) as InstanceRecord
    } catch {
      return { id, boot: null }
    }
  })
}

/** The supervising shell as it described itself when it started. */
export function readSupervisor(files: InstanceFiles): ProcessEntry | undefined {
  const text = readIfThere(join(files.folder, 'supervisor'))?.trim()
  if (text === undefined || text === '') return undefined
  return text.includes('(') ? parseStat(text) : parsePs(text)
}

/** The exit status that the supervising shell left; undefined while there is none. */
export function readExit(files: InstanceFiles): number | undefined {
  const text = readIfThere(files.exitFile)
  return text?.endsWith('\n') === true ? Number(text) : undefined
}

/** When the instance was first asked to stop, in milliseconds since the epoch. */
export function readStopping(files: InstanceFiles): number | undefined {
  const text = readIfThere(join(files.folder, 'stopping'))
  return text === undefined ? undefined : Number(text)
}

export function writeStopping(files: InstanceFiles, at: number): void {
  if (existsSync(files.folder)) writeFileSync(join(files.folder, 'stopping'), String(at))
}

export async function removeFiles(files: InstanceFiles): Promise<void> {
  await removeTree(files.folder)
  await removeTree(files.exitFile)
}

/** Changes with every start of the machine; constant where the kernel does not tell. */
export const bootId = (): string =>
  readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
