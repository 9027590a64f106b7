import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { homeAt } from '../../store/index.ts'
import { localSubject } from '../conformance/local.ts'
import { openEngineWorld, until, type EngineWorld } from '../conformance/world.ts'
import { openCgroups } from './cgroups.ts'
import { openFileSystems } from './file-system.ts'
import { filesOf } from './instance-files.ts'
import { startOnTerminal } from './terminal.ts'

let world: EngineWorld
before(async () => {
  world = await openEngineWorld(await localSubject(false))
})
after(async () => await world.close())

/** Folder of an instance, as the engine keeps it. */
const folderOf = (id: string): string => join(world.engine.output(id), '..')

test('a pid that another process has by now is not taken for the dyno', async () => {
  const { spec, outputs, engine } = world
  const wanted = spec('echo ready; sleep 100')
  await engine.start(wanted)
  await outputs(wanted.id, /ready/)
  const file = join(folderOf(wanted.id), 'supervisor')
  const described = readFileSync(file, 'utf8')
  const own = readFileSync('/proc/self/stat', 'utf8').split(' ')
  const fields = described.split(' ')
  // Ours, but started when the dyno was: what a pid looks like that was given out again.
  writeFileSync(file, [own[0], ...fields.slice(1)].join(' '))

  const reopened = await world.reopen()

  const found = (await reopened.list()).find(({ id }) => id === wanted.id)
  assert.equal(found?.phase, 'lost')
  process.kill(Number(fields[0]), 'SIGKILL')
})

test('a dyno of before a reboot is lost, even if its pid is in use', async () => {
  const { spec, outputs, engine } = world
  const wanted = spec('echo ready; sleep 100')
  await engine.start(wanted)
  await outputs(wanted.id, /ready/)
  const file = join(folderOf(wanted.id), 'instance.json')
  const record = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...record, boot: 'an earlier one' }))

  const reopened = await world.reopen()

  const found = (await reopened.list()).find(({ id }) => id === wanted.id)
  assert.equal(found?.phase, 'lost')
  const pid = Number.parseInt(readFileSync(join(folderOf(wanted.id), 'supervisor'), 'utf8'), 10)
  process.kill(pid, 'SIGKILL')
})

test('a dyno whose shell was killed is noticed, and does not live on without it', async () => {
  const { spec, outputs, engine, ended } = world
  const wanted = spec('echo ready; sleep 100')
  await engine.start(wanted)
  await outputs(wanted.id, /ready/)
  const shell = Number.parseInt(readFileSync(join(folderOf(wanted.id), 'supervisor'), 'utf8'), 10)

  process.kill(shell, 'SIGKILL')

  assert.equal((await ended(wanted.id)).phase, 'lost')
  await until('the end of all below', async () =>
    (engine.memoryBytes([wanted.id]).get(wanted.id) ?? 0) === 0 ? true : undefined,
  )
})

test('what a removed dyno held is given back, its control groups too', async (t) => {
  const { engine, run } = world
  if (!engine.can.limits) return t.skip('this machine has no limits to give')
  const { id } = await run('true')
  assert.notEqual(openCgroups(true).memoryBytes(id), undefined)

  await engine.remove(id)

  assert.equal(openCgroups(true).memoryBytes(id), undefined)
  assert.ok(!existsSync(folderOf(id)))
})

test('each parent of a dyno weighs less than 5 MB', async () => {
  const { spec, outputs, engine } = world
  const wanted = spec('echo ready; sleep 100')
  await engine.start(wanted)
  await outputs(wanted.id, /ready/)
  const shell = Number.parseInt(readFileSync(join(folderOf(wanted.id), 'supervisor'), 'utf8'), 10)

  const weights = family(shell)
    .slice(0, engine.can.isolation ? 3 : 1)
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]))

  assert.ok(
    weights.every((kilobytes) => kilobytes < 5000),
    weights.join(', '),
  )
  await engine.kill(wanted.id)
})

/** A process and the first child of each, downwards. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [pid] : [pid, ...family(Number(children.split(' ')[0]))]
}

test('without node-pty a terminal comes from the system’s script', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-script-'))
  const home = homeAt(folder)
  const request = {
    file: 'sh',
    args: ['-c', 'test -t 0 && stty size && pwd && read -r line && echo "got $line it\'s"'],
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm' },
    cwd: home.root,
    folder,
  }
  const missing = async (): Promise<never> => await Promise.reject(new Error('no such module'))

  const { input, output } = await startOnTerminal(request, { columns: 77, rows: 22 }, missing)
  input.write('this\n')

  const lines = (await text(output)).split('\r\n')
  rmSync(folder, { recursive: true, force: true })
  assert.ok(lines.includes('22 77'), lines.join('|'))
  assert.ok(lines.includes(folder))
  assert.ok(lines.includes("got this it's"))
})

test('where layers cannot be stacked they are copied, the upper over the lower', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hokku-copy-'))
  const layers = ['low', 'high'].map((name) => {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'both'), name)
    writeFileSync(join(root, name, name), name)
    return join(root, name)
  })
  const slugs = { layers: async () => layers, materialise: async () => root }
  const systems = openFileSystems(slugs, { isolated: true, dynosFolder: root, canStack: false })

  const [mount] = await systems.mounts(world.spec('').slug, filesOf(root, 'one'), null)

  assert.ok(mount?.mode === 'rw')
  assert.equal(readFileSync(join(mount.from, 'both'), 'utf8'), 'high')
  assert.equal(readFileSync(join(mount.from, 'low'), 'utf8'), 'low')
  assert.equal(readFileSync(join(root, 'low', 'both'), 'utf8'), 'low')
  rmSync(root, { recursive: true, force: true })
})
