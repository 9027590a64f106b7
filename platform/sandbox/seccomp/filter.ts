import { SYSCALLS, type SyscallName } from './syscalls.ts'

/** Processors whose system calls we know, as Node names them. */
export type Processor = 'x64' | 'arm64'

export const isKnownProcessor = (arch: string): arch is Processor =>
  arch === 'x64' || arch === 'arm64'

/**
 * The seccomp filter of every sandbox, as a program of classic BPF: what bubblewrap takes by
 * `--seccomp`. System calls that reach deep into the kernel, and that programs of apps have no use
 * for, fail with EPERM; all others pass.
 *
 * @see https://docs.kernel.org/userspace-api/seccomp_filter.html
 */
export function seccompFilter(processor: Processor): Uint8Array<ArrayBuffer> {
  const numberOf = (name: SyscallName): number | null => SYSCALLS[name][processor === 'x64' ? 0 : 1]
  const rules = [
    ...REFUSED.flatMap((name) => whenCalled(numberOf(name), [give(EPERM)])),
    ...UNKNOWN.flatMap((name) => whenCalled(numberOf(name), [give(ENOSYS)])),
    ...REFUSED_WITH.flatMap(({ name, argument, bits }) =>
      whenCalled(numberOf(name), [load(argumentAt(argument)), ...whenBits(bits, EPERM)]),
    ),
    ...REFUSED_VALUES.flatMap(({ name, argument, values }) =>
      whenCalled(numberOf(name), [
        load(argumentAt(argument)),
        ...values.flatMap((value) => [jump(EQUAL, value, 0, 1), give(EPERM)]),
      ]),
    ),
  ]
  return encode([
    load(ARCHITECTURE_AT),
    // Calls of another architecture (32 bits) have other numbers.
    jump(EQUAL, ARCHITECTURE[processor], 1, 0),
    give(EPERM),
    load(NUMBER_AT),
    // x32, a variant of x64 with its own numbers; nothing uses it.
    ...(processor === 'x64' ? [jump(AT_LEAST, X32_BIT, 0, 1), give(ENOSYS)] : []),
    ...rules,
    ALLOW,
  ])
}

/** Other users' processes, kernel memory, keys, mounts, clocks, modules: nothing for an app. */
const REFUSED = [
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'setns',
  'open_tree',
  'move_mount',
  'fsopen',
  'fsconfig',
  'fsmount',
  'fspick',
  'mount_setattr',
  'open_by_handle_at',
  'ptrace',
  'process_vm_readv',
  'process_vm_writev',
  'kcmp',
  'pidfd_getfd',
  'keyctl',
  'add_key',
  'request_key',
  'bpf',
  'perf_event_open',
  'userfaultfd',
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'reboot',
  'swapon',
  'swapoff',
  'syslog',
  'acct',
  'quotactl',
  'quotactl_fd',
  'settimeofday',
  'clock_settime',
  'sethostname',
  'setdomainname',
  'vhangup',
  'fanotify_init',
  'move_pages',
  'iopl',
  'ioperm',
  'uselib',
  'lookup_dcookie',
  'nfsservctl',
] satisfies readonly SyscallName[]

/**
 * As on a kernel that lacks them, so that programs take the older way: a filter cannot see what
 * `clone3` asks for, and io_uring goes around other filters.
 */
const UNKNOWN = ['clone3', 'io_uring_setup', 'io_uring_enter', 'io_uring_register'] as const

/** CLONE_NEWTIME is not among them: to `clone`, its bit is a part of the signal. */
const NEW_NAMESPACES =
  0x0002_0000 + // mounts
  0x0200_0000 + // cgroups
  0x0400_0000 + // host name
  0x0800_0000 + // IPC
  0x1000_0000 + // users
  0x2000_0000 + // processes
  0x4000_0000 // network

const REFUSED_WITH = [
  { name: 'clone', argument: 0, bits: NEW_NAMESPACES },
  { name: 'unshare', argument: 0, bits: NEW_NAMESPACES + 0x80 },
] as const

const REFUSED_VALUES = [
  // TIOCSTI and TIOCLINUX type into the terminal of someone else.
  { name: 'ioctl', argument: 1, values: [0x5412, 0x541c] },
  // AF_ALG and AF_VSOCK: the kernel's ciphers, and the host of a virtual machine.
  { name: 'socket', argument: 0, values: [38, 40] },
] as const

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number]

const EQUAL = 0x15
const AT_LEAST = 0x35
const ANY_BIT = 0x45

const load = (offset: number): Instruction => [0x20, 0, 0, offset]
const jump = (code: number, value: number, whenTrue: number, whenFalse: number): Instruction => [
  code,
  whenTrue,
  whenFalse,
  value,
]
const give = (errno: number): Instruction => [0x06, 0, 0, 0x0005_0000 + errno]
const ALLOW: Instruction = [0x06, 0, 0, 0x7fff_0000]

/** `body` for one call, which then passes; the next rule judges the others. */
function whenCalled(number: number | null, body: readonly Instruction[]): Instruction[] {
  if (number === null) return []
  return [jump(EQUAL, number, 0, body.length + 1), ...body, ALLOW]
}

const whenBits = (bits: number, errno: number): Instruction[] => [
  jump(ANY_BIT, bits, 0, 1),
  give(errno),
]

/** Where `struct seccomp_data` has what; of arguments the lower half, on these two processors. */
const NUMBER_AT = 0
const ARCHITECTURE_AT = 4
const argumentAt = (index: number): number => 16 + 8 * index

const ARCHITECTURE = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const
const X32_BIT = 0x4000_0000

const EPERM = 1
const ENOSYS = 38

/** As `struct sock_filter` lies in memory; both processors are little-endian. */
function encode(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, whenTrue, whenFalse, value]] of program.entries()) {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, whenTrue)
    view.setUint8(index * 8 + 3, whenFalse)
    view.setUint32(index * 8 + 4, value, true)
  }
  return bytes
}
