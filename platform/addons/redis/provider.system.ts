import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessMark } from '@hokku/kit/process-mark'
import { openAuthority } from '../../certificates/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { redisFolders } from './local-redis.ts'
import { REDIS_SERVICES } from './plans.ts'
import { sendCommands } from './protocol.ts'
import { redisProvider } from './provider.ts'
import { RedisResource } from './resource.ts'
import { RedisServers } from './servers.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-redis-'))
chmodSync(root, 0o755)
const home = { root, run: join(root, 'run'), logs: join(root, 'logs') }
const authority = openAuthority(join(root, 'certificates'))
const [service] = REDIS_SERVICES
const open = (folders = redisFolders(process.env['PATH'] ?? '')) => {
  const tls = async () => (await authority).leafFiles('127.0.0.1')
  const servers = new RedisServers({ home, tls, folders })
  return { servers, provider: redisProvider(service, servers) }
}

/** As an app that knows its address. */
const ask = async (url: string, ...command: string[]) => {
  const { port, password } = new URL(url)
  const [, answer] = await sendCommands(Number(port), [['AUTH', password], command])
  return answer
}

if (existsSync('/usr/bin/redis-server')) testRedis()

function testRedis(): void {
  const { servers, provider } = open()
  after(async () => {
    servers.close()
    for (const name of readdirSync(home.run)) {
      const { pid } = readMark(name)
      process.kill(pid, 'SIGKILL')
    }
    rmSync(root, { recursive: true, force: true })
  })
  testProviderContract('heroku-redis', {
    provider: () => provider,
    use: async (config) => {
      const url = config['CHOSEN_URL'] ?? ''
      await ask(url, 'SET', 'used', 'now')
      assert.equal(await ask(url, 'GET', 'used'), 'now')
    },
  })

  const readMark = (name: string): ProcessMark =>
    JSON.parse(readFileSync(join(home.run, name), 'utf8')) as ProcessMark

  async function provisioned(plan: string = service.defaultPlan) {
    const resource = RedisResource.parse(provider.draft({ plan, options: {} }))
    await provider.provision(resource, plan)
    const url = () =>
      `redis://:${resource.password}@${servers.endpoints()[`redis-${resource.name}`] ?? ''}`
    return { resource, url }
  }

  test('an app rules over its data, and not over the server', async () => {
    const { resource, url } = await provisioned()

    assert.match((await ask(url(), 'INFO')) ?? '', /redis_version/)
    for (const command of [
      ['CONFIG', 'SET', 'dir', '/tmp'],
      ['SAVE'],
      ['REPLICAOF', '127.0.0.1', '1'],
      ['ACL', 'LIST'],
      ['SHUTDOWN'],
    ]) {
      await assert.rejects(ask(url(), ...command), /NOPERM/, command.join(' '))
    }
    await provider.deprovision(resource)
  })

  test('a full memory refuses writes, and drops old keys where the policy says so', async () => {
    const { resource, url } = await provisioned()
    const megabyte = 'x'.repeat(1024 * 1024)
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) await ask(url(), 'SET', `key ${i}`, megabyte)
    }

    await assert.rejects(fill(), /OOM/)
    const settings = { ...resource.settings, maxmemory_policy: 'allkeys-lru' as const }
    await provider.provision({ ...resource, settings }, service.defaultPlan)
    await fill()

    assert.ok(Number(await ask(url(), 'DBSIZE')) < 30)
    await provider.deprovision(resource)
  })

  test('a killed server comes back at the same address with what was written', async () => {
    const { resource, url } = await provisioned()
    await ask(url(), 'SET', 'kept', 'precious')
    // What is appended each second is on disk by then, or the file says that nothing waits.
    const name = `redis-${resource.name}.json`
    for (const endAt = Date.now() + 60_000; Date.now() < endAt; await sleep(50)) {
      const facts = await servers.facts(resource)
      if (facts.get('aof_pending_bio_fsync') === '0' && facts.get('aof_buffer_length') === '0')
        break
    }
    const before = readMark(name)

    process.kill(before.pid, 'SIGKILL')

    for (const endAt = Date.now() + 90_000; ; await sleep(100)) {
      const answer = await ask(url(), 'GET', 'kept').catch(() => undefined)
      if (answer === 'precious' && readMark(name).pid !== before.pid) break
      assert.ok(Date.now() < endAt, 'the server is back')
    }
    await provider.deprovision(resource)
    assert.equal(isAlive(before), false)
  })
}

test('a machine without Redis says what to install', async () => {
  const { provider } = open(['/nowhere'])
  const resource = provider.draft({ plan: 'mini', options: {} })

  await assert.rejects(provider.provision(resource, 'mini'), {
    code: 'addon_unavailable',
    hint: /apt-get install redis-server|brew install redis/,
  })
  rmSync(join(root, 'redis', RedisResource.parse(resource).name), { recursive: true, force: true })
})
