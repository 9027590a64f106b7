import { spawn } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Slugs } from '../../slugs/index.ts'
import type { ExitStatus } from '../../releases/index.ts'
import type { Home, Slug } from '../../store/index.ts'
import type {
  AttachedProcess,
  Engine,
  Grace,
  InstanceSpec,
  InstanceState,
  NodeState,
  TerminalSize,
} from '../engine.ts'
import { openCgroups, type Cgroups } from './cgroups.ts'
import { openFileSystems, type FileSystems } from './file-system.ts'
import {
  bootId,
  filesOf,
  prepareFolders,
  removeFiles,
  writeRecord,
  type InstanceFiles,
  type InstanceRecord,
} from './instance-files.ts'
import { LocalInstances } from './instances.ts'
import { listeningPorts } from './listening.ts'
import { hostMemory } from './memory.ts'
import { diskUse, type DiskUse, type Sandbox, type SpawnCommand } from '../../sandbox/index.ts'
import { deletedBytes } from './deleted-files.ts'
import { bootCommand, superviseCommand } from './supervise.ts'
import { startOnPipes, startOnTerminal } from './terminal.ts'

export type LocalEngineEffects = Readonly<{
  home: Pick<Home, 'dynos'>
  sandbox: Sandbox
  slugs: Pick<Slugs, 'layers' | 'materialise'>
}>

/** Runs dynos as processes of this machine. */
export const openLocalEngine = (effects: LocalEngineEffects): Engine => new LocalEngine(effects)

class LocalEngine implements Engine {
  readonly name = 'local'
  readonly can: Engine['can']
  readonly #parts: Parts
  readonly #instances: LocalInstances

  constructor({ home, sandbox, slugs }: LocalEngineEffects) {
    const isolated = sandbox.mode.kind === 'isolated'
    prepareFolders(home.dynos)
    const fileSystems = openFileSystems(slugs, { isolated, dynosFolder: home.dynos })
    const cgroups = openCgroups(process.getuid?.() === 0)
    this.#instances = new LocalInstances(home.dynos, isolated ? BELOW_BUBBLEWRAP : 1, cgroups)
    this.#parts = { home, sandbox, fileSystems, cgroups }
    this.can = {
      nodes: 'one',
      isolation: isolated,
      limits: cgroups.limits,
      exec: true,
      survivesPlane: true,
    }
  }

  async prepare(slug: Slug): Promise<void> {
    await this.#parts.fileSystems.prepare(slug)
  }

  async start(spec: InstanceSpec): Promise<void> {
    await this.#instances.starting(spec.id, async () => {
      const prepared = await prepareStart(spec, false, this.#parts)
      return startDetached(prepared)
    })
  }

  async attach(spec: InstanceSpec, terminal: TerminalSize | null): Promise<AttachedProcess> {
    const { command, files, record } = await prepareStart(spec, true, this.#parts)
    const { file, args, env, options } = command
    const request = { file, args, env, cwd: options.cwd, folder: files.folder }
    const { input, output, pid, ended } =
      terminal === null ? startOnPipes(request) : await startOnTerminal(request, terminal)
    return {
      input,
      output,
      ended: this.#instances.adoptChild(record, pid, ended),
      hangUp: () => this.#instances.signal(spec.id, 'SIGHUP'),
    }
  }

  async stop(id: string, grace: Grace): Promise<ExitStatus | null> {
    return await this.#instances.stop(id, grace)
  }

  async kill(id: string): Promise<void> {
    await this.#instances.kill(id)
  }

  async remove(id: string): Promise<void> {
    this.#instances.forget(id)
    await this.#parts.cgroups.remove(id)
    await removeFiles(filesOf(this.#parts.home.dynos, id))
  }

  async list(): Promise<InstanceState[]> {
    return await this.#instances.list()
  }

  watch(listener: (state: InstanceState) => void): void {
    this.#instances.watch(listener)
  }

  output(id: string): string {
    return this.#instances.find(id)?.output ?? outputOf(filesOf(this.#parts.home.dynos, id))
  }

  memoryBytes(ids: readonly string[]): ReadonlyMap<string, number> {
    const { cgroups } = this.#parts
    return cgroups.limits
      ? new Map(ids.flatMap((id) => entryOf(id, cgroups.memoryBytes(id))))
      : hostMemory(new Map(ids.map((id) => [id, this.#instances.processes(id)])))
  }

  async diskUse(id: string): Promise<DiskUse> {
    const files = filesOf(this.#parts.home.dynos, id)
    const { bytes, files: count } = await diskUse([files.private, files.tmp])
    return { bytes: bytes + deletedBytes(this.#instances.processes(id)), files: count }
  }

  async listensOn(id: string): Promise<readonly number[]> {
    return listeningPorts(this.#instances.processes(id))
  }

  async nodes(): Promise<readonly NodeState[]> {
    const { sandbox, cgroups } = this.#parts
    const notices = [
      ...(sandbox.mode.notice === null ? [] : [sandbox.mode.notice]),
      ...(cgroups.notice === null ? [] : [cgroups.notice]),
    ]
    return [{ name: 'local', healthy: true, notices }]
  }

  close(): void {
    this.#instances.close()
  }
}

/** Shell → bubblewrap → its first process inside → what runs as the app. */
const BELOW_BUBBLEWRAP = 3

const outputOf = (files: InstanceFiles): string => join(files.folder, 'output')

const entryOf = (id: string, bytes: number | undefined): [string, number][] =>
  bytes === undefined ? [] : [[id, bytes]]

type Parts = Readonly<{
  home: Pick<Home, 'dynos'>
  sandbox: Sandbox
  fileSystems: FileSystems
  cgroups: Cgroups
}>

type Prepared = Readonly<{
  record: InstanceRecord
  files: InstanceFiles
  command: SpawnCommand
}>

/** Makes an instance's folders, file system and limits, and the command that runs it. */
async function prepareStart(
  spec: InstanceSpec,
  attached: boolean,
  { home, sandbox, fileSystems, cgroups }: Parts,
): Promise<Prepared> {
  const files = filesOf(home.dynos, spec.id)
  const owner = sandbox.user(spec.appId)
  mkdirSync(files.folder, { recursive: true, mode: 0o711 })
  mkdirSync(files.tmp, { recursive: true })
  chmodSync(files.tmp, 0o1777)
  const output = spec.outputFile ?? outputOf(files)
  const record = {
    id: spec.id,
    appId: spec.appId,
    name: spec.name,
    attached,
    output,
    boot: bootId(),
  }
  writeRecord(files, record)
  if (!attached) makeOutput(output, owner?.uid)
  const mounts = await fileSystems.mounts(spec.slug, files, owner)
  const inner = sandbox.command({
    appId: spec.appId,
    mounts,
    cwd: '/app',
    env: { TMPDIR: sandbox.inside(mounts, '/tmp'), HOKKU_INSTANCE: spec.id, ...spec.env },
    command: bootCommand(spec.command),
    hostname: spec.name,
    terminal: attached,
  })
  const isolated = sandbox.mode.kind === 'isolated'
  const [file = '', ...args] = superviseCommand({
    folder: files.folder,
    exitFile: files.exitFile,
    cgroupFiles: cgroups.create(spec.id, spec.limits),
    passOnInterrupts: !(isolated && attached),
    program: [...dropPrivileges(inner), inner.file, ...inner.args],
  })
  return { record, files, command: { ...inner, file, args } }
}

/** The shell itself stays what we are, so that it can write to our folders and join cgroups. */
function dropPrivileges({ options }: SpawnCommand): string[] {
  if (options.uid === undefined) return []
  return ['setpriv', `--reuid=${options.uid}`, `--regid=${options.gid}`, '--clear-groups', '--']
}

/** The app's user owns its output: programs reopen it by `/dev/stdout`. */
function makeOutput(path: string, uid: number | undefined): void {
  closeSync(openSync(path, 'a', 0o600))
  if (uid !== undefined) chownSync(path, uid, uid)
}

function startDetached({ command, record }: Prepared) {
  const output = openSync(record.output, 'a')
  try {
    const { file, args, env, options } = command
    const child = spawn(file, args, {
      env,
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', output, output],
    })
    child.unref()
    const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
    child.on('error', () => {})
    return { record, pid: child.pid ?? -1, ended }
  } finally {
    closeSync(output)
  }
}
