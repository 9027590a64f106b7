import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Home } from '../store/index.ts'
import { appUser, usableUids, type AppUser } from './app-user.ts'
import { bubblewrapCommand, bwrap, SHARED_FOLDER, type Mount } from './bubblewrap.ts'
import type { Network } from './network/network.ts'
import { hostsFile, machineId, passwdFile } from './system-files.ts'
import { isKnownProcessor, seccompFilter } from './seccomp/filter.ts'
import { launch, packEnvironment } from './launcher.ts'

/**
 * How apps are kept apart on this machine.
 *
 * - `isolated`: own user, own view of the disk at `/app`, own processes (root + bubblewrap)
 * - `plain`: ordinary processes; `notice` says why, and what the user gives up
 */
export type SandboxMode =
  | Readonly<{
      kind: 'isolated'
      /** What is weaker than it could be; null when nothing is. */
      notice: string | null
    }>
  | Readonly<{ kind: 'plain'; notice: string; ownUsers: boolean }>

export type SandboxRequest = Readonly<{
  appId: string
  mounts: readonly Mount[]
  /** As seen inside, e.g. `/app`. */
  cwd: string
  /** Whole environment of the program, above HOME, USER, PATH and the like. */
  env: Readonly<Record<string, string>>
  /** Program and arguments; `inside` turns paths into those that it sees. */
  command: readonly string[]
  hostname: string
  /** Its standard streams are a terminal, and its parent ignores Ctrl-C when isolated. */
  terminal?: boolean
}>

/** What `child_process.spawn` takes. `detached`: end it by killing the process group. */
export type SpawnCommand = Readonly<{
  file: string
  args: string[]
  env: Record<string, string>
  options: Readonly<{ cwd: string; detached: true; uid?: number; gid?: number }>
}>

export type Sandbox = Readonly<{
  mode: SandboxMode
  /** The Linux user of an app; null when everything runs as the user we are. */
  user: (appId: string) => AppUser | null
  command: (request: SandboxRequest) => SpawnCommand
  /** The path at which a program in the sandbox sees `path` (`/app/x`): itself when isolated. */
  inside: (mounts: readonly Mount[], path: string) => string
  /** Path inside of a file that every sandbox shares: `hosts`, `certificates.pem`. */
  shared: (name: 'hosts' | 'certificates.pem') => string
  /** Makes app hosts resolve to this machine in every sandbox, running ones included. */
  setHosts: (names: readonly string[]) => void
  /** Copies the bundle of certificate authorities to where every sandbox sees it. */
  shareCertificates: (bundleFile: string) => void
}>

export type SandboxEffects = Readonly<{
  home: Pick<Home, 'root' | 'run'>
  /** PATH of programs in plain mode: there the machine's own one counts. */
  path: string
  /** Keeps apps apart on the network; none in tests of other things. */
  network?: Pick<Network, 'admit'>
  /** For tests: act as if the machine could not isolate. */
  forcePlain?: boolean
}>

/** Finds out what this machine can do, by doing it once, and prepares the shared files. */
export function openSandbox({ home, path, network, forcePlain }: SandboxEffects): Sandbox {
  const sharedFolder = join(home.run, 'sandbox')
  const usersFolder = join(home.run, 'sandbox-users')
  for (const folder of [sharedFolder, usersFolder]) {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  }
  const filterFile = writeFilter(usersFolder)
  const mode = detectMode(forcePlain === true, filterFile)
  const usedFilter = mode.kind === 'isolated' && mode.notice === null ? filterFile : null
  // Plain programs of other users reach their files by paths below these folders.
  if (mode.kind === 'plain' && mode.ownUsers) allowTraversal(home)
  const range = usableUids(readIfThere('/proc/self/uid_map'))
  const ownUsers = mode.kind === 'isolated' || mode.ownUsers
  const user = (appId: string): AppUser | null => (ownUsers ? appUser(appId, range) : null)
  const replace = (name: string, text: string): void => {
    writeFileSync(join(sharedFolder, `${name}.new`), text, { mode: 0o644 })
    renameSync(join(sharedFolder, `${name}.new`), join(sharedFolder, name))
  }
  if (!existsSync(join(sharedFolder, 'hosts'))) replace('hosts', hostsFile([]))
  const inside = (mounts: readonly Mount[], at: string): string =>
    mode.kind === 'isolated' ? at : hostPath(mounts, at)
  return {
    mode,
    user,
    inside,
    shared: (name) => join(mode.kind === 'isolated' ? SHARED_FOLDER : sharedFolder, name),
    setHosts: (names) => replace('hosts', hostsFile(names)),
    shareCertificates(bundleFile) {
      const target = join(sharedFolder, 'certificates.pem')
      copyFileSync(bundleFile, `${target}.new`)
      chmodSync(`${target}.new`, 0o644)
      renameSync(`${target}.new`, target)
    },
    command(request) {
      const owner = user(request.appId)
      if (owner !== null) network?.admit(owner.uid)
      const cwd = inside(request.mounts, request.cwd)
      const home = inside(request.mounts, '/app')
      const base = { HOME: home, USER: owner?.name ?? ownName(), LANG: 'C.UTF-8' }
      if (mode.kind === 'plain' || owner === null) {
        const ids = owner === null ? {} : { uid: owner.uid, gid: owner.uid }
        return {
          file: 'bash',
          args: launch(request.command),
          env: packEnvironment({ ...base, PATH: path, ...request.env }, path),
          options: { cwd, detached: true, ...ids },
        }
      }
      for (const mount of request.mounts) if (mount.mode === 'overlay') makePrivate(mount, owner)
      const userFiles = writeUserFiles(usersFolder, owner)
      const [file = '', ...args] = bubblewrapCommand(
        { ...request, user: owner, cwd, terminal: request.terminal === true },
        { ...systemFolders(), shared: sharedFolder, userFiles, filterFile: usedFilter },
      )
      const env = packEnvironment({ ...base, PATH: SANDBOX_PATH, ...request.env })
      return { file, args, env, options: { cwd: '/', detached: true } }
    },
  }
}

/** Who we are; in containers often someone without a name. */
function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return `u${process.getuid?.() ?? ''}`
  }
}

const SANDBOX_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin'

function detectMode(forcePlain: boolean, filterFile: string | null): SandboxMode {
  const root = process.getuid?.() === 0
  const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0
  const usable = usableUids(readIfThere('/proc/self/uid_map')) !== undefined && has('setpriv')
  const plain = (why: string): SandboxMode => ({
    kind: 'plain',
    ownUsers: root && usable,
    notice: `Apps run as plain processes (${why}): they can see each other's files${
      root && usable ? '' : ' and change them'
    }.`,
  })
  if (!root) return plain('hokku does not run as root')
  if (forcePlain) return plain('asked for')
  for (const program of ['bwrap', 'setpriv', 'unshare', 'env', 'bash']) {
    if (!has(program)) {
      return plain(`${program} is not installed; on Debian: apt-get install bubblewrap util-linux`)
    }
  }
  if (!usable) return plain('too few user ids are mapped into this container')
  const works = (filter: string | null): string | null => {
    const [file = '', ...args] = [...bwrap({ filterFile: filter }), ...TRIAL]
    const { status, stderr } = spawnSync(file, args)
    return status === 0 ? null : stderr.toString().trim()
  }
  if (filterFile !== null && works(filterFile) === null) return { kind: 'isolated', notice: null }
  const failure = works(null)
  if (failure !== null) return plain(`bubblewrap does not work here: ${failure}`)
  return {
    kind: 'isolated',
    notice:
      'Programs of apps may use every system call: the filter works neither with this processor nor this bubblewrap.',
  }
}

/** Compiles the filter to where bubblewrap can read it; null on a processor that we do not know. */
function writeFilter(folder: string): string | null {
  if (process.platform !== 'linux' || !isKnownProcessor(process.arch)) return null
  const file = join(folder, 'seccomp.bpf')
  writeFileSync(`${file}.new`, seccompFilter(process.arch), { mode: 0o644 })
  renameSync(`${file}.new`, file)
  return file
}

const TRIAL =
  '--unshare-pid --unshare-ipc --unshare-uts --ro-bind / / setpriv --reuid=65534 -- true'.split(' ')

/** In plain mode a path "inside" is that of the mount it is in. */
function hostPath(mounts: readonly Mount[], at: string): string {
  const mount = mounts
    .filter(({ to }) => at === to || at.startsWith(`${to}/`))
    .toSorted((a, b) => b.to.length - a.to.length)[0]
  if (mount === undefined) return at
  if (mount.mode === 'overlay') throw new TypeError('plain mode cannot stack layers')
  return mount.from + at.slice(mount.to.length)
}

function makePrivate(mount: Extract<Mount, { mode: 'overlay' }>, owner: AppUser): void {
  for (const name of ['upper', 'work', 'merged']) {
    mkdirSync(join(mount.private, name), { recursive: true, mode: 0o755 })
  }
  chownSync(join(mount.private, 'upper'), owner.uid, owner.uid)
}

function allowTraversal({ root, run }: SandboxEffects['home']): void {
  for (const folder of [root, run]) chmodSync(folder, 0o711)
}

function writeUserFiles(folder: string, user: AppUser): Record<string, string> {
  const passwd = join(folder, `${user.uid}.passwd`)
  const group = join(folder, `${user.uid}.group`)
  const bashrc = join(folder, 'bash.bashrc')
  const machine = join(folder, `${user.uid}.machine-id`)
  if (!existsSync(machine)) writeFileSync(machine, machineId(user), { mode: 0o644 })
  if (!existsSync(group)) {
    writeFileSync(bashrc, PROMPT, { mode: 0o644 })
    writeFileSync(passwd, passwdFile(user), { mode: 0o644 })
    writeFileSync(group, `root:x:0:\n${user.name}:x:${user.uid}:\n`, { mode: 0o644 })
  }
  return {
    '/etc/passwd': passwd,
    '/etc/group': group,
    '/etc/bash.bashrc': bashrc,
    '/etc/machine-id': machine,
  }
}

/** As in a one-off on Heroku: `~/folder $ `. */
const PROMPT = `PS1='\\w \\$ '\n`

/** Computed anew each time: cheap, and packages are installed while we run. */
function systemFolders(): { links: Record<string, string>; folders: string[] } {
  const links: Record<string, string> = {}
  const folders = ['/usr']
  for (const path of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isSymbolicLink() === true) links[path] = readlinkSync(path)
    else if (found !== undefined) folders.push(path)
  }
  const etc = [...ETC, ...languageSettings()]
  return { links, folders: [...folders, ...etc.filter((path) => existsSync(path))] }
}

/** Debian's Java and R keep files there without which they do not start. */
const languageSettings = (): string[] =>
  readdirSync('/etc')
    .filter((name) => /^(?:java-\d+-openjdk|R)$/.test(name))
    .map((name) => `/etc/${name}`)

/** What programs expect of /etc. No passwords, no keys, no settings of this machine's services. */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'fonts',
  'gai.conf',
  'host.conf',
  'inputrc',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
].map((name) => `/etc/${name}`)

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
