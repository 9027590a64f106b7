import { dirname } from 'node:path'
import type { AppUser } from './app-user.ts'
import { launch } from './launcher.ts'

/** A part of the disk that a sandbox shows. */
export type Mount =
  | Readonly<{ from: string; to: string; mode: 'ro' | 'rw' }>
  /** Read-only folders, lowest first, below a private one that takes every change. */
  | Readonly<{
      mode: 'overlay'
      layers: readonly string[]
      /** Folder with what is private; `<private>/{upper,work,merged}` are ours. */
      private: string
      to: string
    }>

export type SandboxedProgram = Readonly<{
  user: AppUser
  mounts: readonly Mount[]
  cwd: string
  hostname: string
  command: readonly string[]
  /**
   * On a terminal, Ctrl-C goes to everything from our shell down, and bubblewrap would die of it.
   * So they all ignore it, and only the program itself hears it again.
   */
  terminal: boolean
}>

/** What of this machine's own disk every sandbox shows. */
export type SystemFolders = Readonly<{
  /** Top-level folders that are links into /usr, e.g. `{ '/bin': 'usr/bin' }`. */
  links: Readonly<Record<string, string>>
  /** Real folders and files, read-only. */
  folders: readonly string[]
  /** Our own shared folder (hosts, certificates), seen at `/run/hokku`. */
  shared: string
  /** Files like passwd that name the app's user, made for it. */
  userFiles: Readonly<Record<string, string>>
  /** The seccomp filter, compiled; null where there is none for this processor. */
  filterFile: string | null
}>

/** Where `SystemFolders.shared` is seen inside. */
export const SHARED_FOLDER = '/run/hokku'

/** Program and arguments that run `program` in its own namespaces; they must start as root. */
export function bubblewrapCommand(
  program: SandboxedProgram,
  system: SystemFolders,
): readonly string[] {
  const overlays = program.mounts.filter((mount) => mount.mode === 'overlay')
  const sandbox = [...bwrap(system), ...isolation(program), ...fileSystem(program, system), '--']
  const inner = [
    ...dropTo(program.user),
    ...(program.terminal ? ['env', '--default-signal=INT,QUIT'] : []),
    'bash',
    ...launch(program.command),
  ]
  if (overlays.length === 0) return [...sandbox, ...inner]
  const stacks = overlays.flatMap((mount) => [overlayOptions(mount), `${mount.private}/merged`])
  return [...MOUNT_FIRST, ...stacks, '--', ...sandbox, ...inner]
}

/** bubblewrap reads the filter from a descriptor, which a shell opens for it. */
export const bwrap = ({ filterFile }: Pick<SystemFolders, 'filterFile'>): string[] =>
  filterFile === null
    ? ['bwrap']
    : ['sh', '-c', 'exec "$@" 9< "$0"', filterFile, 'bwrap', '--seccomp', '9']

/** Mounts pairs of options and target in a mount namespace that dies with the program. */
const MOUNT_FIRST = [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  '--',
  'sh',
  '-c',
  `while [ "$1" != -- ]; do mount -t overlay overlay -o "$1" "$2" || exit 125; shift 2; done
shift; exec "$@"`,
  'sh',
]

/** overlayfs wants the topmost layer first; colons and commas in paths are escaped. */
export function overlayOptions(mount: Extract<Mount, { mode: 'overlay' }>): string {
  const escape = (path: string): string => path.replaceAll(/[\\:,]/g, '\\$&')
  const lower = mount.layers.toReversed().map(escape).join(':')
  const own = escape(mount.private)
  return `lowerdir=${lower},upperdir=${own}/upper,workdir=${own}/work`
}

const isolation = ({ hostname }: SandboxedProgram): string[] => [
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--hostname',
  hostname,
  '--die-with-parent',
]

function fileSystem({ mounts, cwd }: SandboxedProgram, system: SystemFolders): string[] {
  // Parents that bubblewrap makes unasked are closed to everyone but root.
  const parents = ['/etc', '/etc/ssl', '/run', '/var', ...mounts.map(({ to }) => dirname(to))]
  const tmpfs = (path: string): string[] => ['--perms', '1777', '--tmpfs', path]
  return [
    ...parents.filter((path) => path !== '/').map((path) => ['--dir', path]),
    ...system.folders.map((path) => ['--ro-bind', path, path]),
    ...Object.entries(system.links).map(([path, target]) => ['--symlink', target, path]),
    ['--proc', '/proc', '--dev', '/dev', ...tmpfs('/dev/shm')],
    mounts.some((mount) => mount.to === '/tmp') ? [] : tmpfs('/tmp'),
    ['--symlink', '/tmp', '/var/tmp'],
    ['--ro-bind', system.shared, SHARED_FOLDER],
    ['--symlink', `${SHARED_FOLDER}/hosts`, '/etc/hosts'],
    ...Object.entries(system.userFiles).map(([path, from]) => ['--ro-bind', from, path]),
    ...mounts.map((mount) =>
      mount.mode === 'overlay'
        ? ['--bind', `${mount.private}/merged`, mount.to]
        : [mount.mode === 'ro' ? '--ro-bind' : '--bind', mount.from, mount.to],
    ),
    ['--remount-ro', '/', '--chdir', cwd],
  ].flat()
}

const dropTo = ({ uid }: AppUser): string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  '--clear-groups',
  '--no-new-privs',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--',
]
