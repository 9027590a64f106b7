import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHierarchy, limitFiles } from './cgroups.ts'

const LIMITS = {
  memoryMb: 512,
  memoryKillMb: 1024,
  cpuShares: 2,
  processes: 256,
  diskMb: 1024,
  filesMax: 100_000,
}

const V1 = `26 24 0:22 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw,mode=755
30 26 0:26 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct
31 26 0:27 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory
32 26 0:28 / /sys/fs/cgroup/pids rw shared:12 - cgroup cgroup rw,pids
33 26 0:29 / /sys/fs/cgroup/unified rw shared:13 - cgroup2 cgroup2 rw`
const V2 = '25 24 0:22 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate'

test('a hybrid machine limits by the hierarchy that has the controllers', () => {
  const hierarchy = findHierarchy(V1, () => 'hugetlb\n')

  assert.deepEqual(hierarchy, {
    version: 1,
    memory: '/sys/fs/cgroup/memory',
    cpu: '/sys/fs/cgroup/cpu,cpuacct',
    pids: '/sys/fs/cgroup/pids',
  })
})

test('a machine of today limits by the unified hierarchy', () => {
  const hierarchy = findHierarchy(V2, () => 'cpuset cpu io memory pids\n')

  assert.deepEqual(hierarchy, { version: 2, root: '/sys/fs/cgroup' })
})

test('without the three controllers there are no limits', () => {
  assert.equal(
    findHierarchy(V2, () => 'cpu\n'),
    undefined,
  )
  assert.equal(
    findHierarchy('', () => ''),
    undefined,
  )
})

test('the memory at which a dyno is killed is the hard limit, swap included', () => {
  const files = limitFiles({ version: 2, root: '/c' }, LIMITS)['/c']

  assert.deepEqual(files, {
    'memory.max': '1073741824',
    'memory.swap.max': '0',
    'pids.max': '259',
    'cpu.weight': '200',
  })
})
