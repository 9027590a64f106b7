import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seccompFilter, type Processor } from './filter.ts'
import { SYSCALLS, type SyscallName } from './syscalls.ts'

const ARCHITECTURE = { x64: 0xc000_003e, arm64: 0xc000_00b7 }
const ALLOWED = 0x7fff_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026

/** Runs a filter as the kernel would. @returns what it says of the call */
function run(filter: Uint8Array, architecture: number, call: number, args: number[] = []): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, call, true)
  data.setUint32(4, architecture, true)
  for (const [index, value] of args.entries()) data.setUint32(16 + 8 * index, value, true)
  const code = new DataView(filter.buffer)
  let held = 0
  for (let at = 0; at < filter.length;) {
    const operation = code.getUint16(at, true)
    const value = code.getUint32(at + 4, true)
    if (operation === 0x06) return value
    if (operation === 0x20) held = data.getUint32(value, true)
    const holds =
      operation === 0x15
        ? held === value
        : operation === 0x35
          ? held >= value
          : operation === 0x45 && (held & value) !== 0
    at += operation === 0x20 ? 8 : 8 + 8 * code.getUint8(at + (holds ? 2 : 3))
  }
  throw new Error('the filter ran off its end')
}

const judge = (processor: Processor, name: SyscallName, args: number[] = []): number =>
  run(
    seccompFilter(processor),
    ARCHITECTURE[processor],
    SYSCALLS[name][processor === 'x64' ? 0 : 1] ?? -1,
    args,
  )

for (const processor of ['x64', 'arm64'] as const) {
  test(`${processor}: calls that no app needs are refused`, () => {
    for (const name of ['ptrace', 'keyctl', 'bpf', 'mount', 'setns', 'quotactl_fd'] as const) {
      assert.equal(judge(processor, name), EPERM, name)
    }
    assert.equal(judge(processor, 'clone3'), ENOSYS)
    assert.equal(judge(processor, 'io_uring_setup'), ENOSYS)
  })

  test(`${processor}: processes and threads can be made, namespaces cannot`, () => {
    const thread = 0x003d_0f00
    const user = 0x1000_0000
    assert.equal(judge(processor, 'clone', [thread]), ALLOWED)
    assert.equal(judge(processor, 'clone', [user + 17]), EPERM)
    assert.equal(judge(processor, 'unshare', [0x400]), ALLOWED)
    assert.equal(judge(processor, 'unshare', [user]), EPERM)
    assert.equal(judge(processor, 'unshare', [0x80]), EPERM)
  })

  test(`${processor}: of sockets and terminals only the odd ones are refused`, () => {
    assert.equal(judge(processor, 'socket', [2, 1]), ALLOWED)
    assert.equal(judge(processor, 'socket', [40, 1]), EPERM)
    assert.equal(judge(processor, 'ioctl', [0, 0x5401]), ALLOWED)
    assert.equal(judge(processor, 'ioctl', [0, 0x5412]), EPERM)
  })
}

test('calls by the numbers of another processor are refused', () => {
  assert.equal(run(seccompFilter('x64'), 0x4000_0003, 1), EPERM)
  assert.equal(run(seccompFilter('x64'), ARCHITECTURE.x64, 0x4000_0000 + 1), ENOSYS)
  assert.equal(run(seccompFilter('x64'), ARCHITECTURE.x64, 1), ALLOWED)
})
