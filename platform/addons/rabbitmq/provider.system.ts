import { spawnSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import amqp from 'amqplib'
import { isAlive, type ProcessMark } from '@hokku/kit/process-mark'
import { renderConfig } from '../../store/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { readExternalBroker } from './config.ts'
import { BrokerState, brokerFolders } from './local-broker.ts'
import { rabbitmqProvider } from './provider.ts'
import { createBrokerServer } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-rabbitmq-'))
chmodSync(root, 0o755)
const home = { root, run: join(root, 'run'), logs: join(root, 'logs') }
const markAt = (): ProcessMark =>
  JSON.parse(readFileSync(join(home.run, 'rabbitmq.json'), 'utf8')) as ProcessMark

const stateOf = () =>
  BrokerState.parse(JSON.parse(readFileSync(join(root, 'rabbitmq/state.json'), 'utf8')))

if (existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')) testBroker()

function testBroker(): void {
  const server = createBrokerServer({ home, folders: brokerFolders(process.env['PATH'] ?? '') })
  const provider = rabbitmqProvider(server)
  after(async () => {
    server.close()
    const running = markAt()
    process.kill(running.pid, 'SIGTERM')
    for (let i = 0; isAlive(running) && i < 400; i++) await sleep(50)
    spawnSync('epmd', ['-port', String(stateOf().epmdPort), '-kill'])
    rmSync(root, { recursive: true, force: true })
  })

  const use = async (config: Readonly<Record<string, string>>) => {
    const connection = await amqp.connect(config['CHOSEN_URL'] ?? '', { timeout: 10_000 })
    try {
      const channel = await connection.createConfirmChannel()
      await channel.assertQueue('used', { durable: true })
      channel.sendToQueue('used', Buffer.from('now'), { persistent: true })
      await channel.waitForConfirms()
      const message = await channel.get('used', { noAck: true })
      assert.equal(message !== false && message.content.toString(), 'now')
    } finally {
      await connection.close()
    }
  }
  testProviderContract('cloudamqp', { provider: () => provider, use })

  test('virtual hosts are closed to the users of others', async () => {
    await provider.start()
    const [one, two] = [0, 1].map(() => provider.draft({ plan: 'lemur', options: {} }))
    for (const resource of [one, two]) await provider.provision(resource, 'lemur')
    const urls = [one, two].map((resource) => new URL(urlOf(resource)))
    const [first, second] = urls
    assert.ok(first && second)
    first.pathname = second.pathname

    await assert.rejects(use({ CHOSEN_URL: first.href }))

    for (const resource of [one, two]) await provider.deprovision(resource)
  })

  test('a killed broker comes back at the same address, with its durable messages', async () => {
    await provider.start()
    const resource = provider.draft({ plan: 'lemur', options: {} })
    await provider.provision(resource, 'lemur')
    const url = urlOf(resource)
    const connection = await amqp.connect(url)
    connection.on('error', () => {})
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    await channel.assertQueue('kept', { durable: true })
    channel.sendToQueue('kept', Buffer.from('precious'), { persistent: true })
    await channel.waitForConfirms()

    const killed = markAt()
    process.kill(killed.pid, 'SIGKILL')
    const again = await connectSoon(url)

    const message = await (await again.createChannel()).get('kept', { noAck: true })
    assert.equal(message !== false && message.content.toString(), 'precious')
    assert.notEqual(markAt().pid, killed.pid)
    await again.close()
    await provider.deprovision(resource)
  })

  test('a broker of the operator is used through its management API', async () => {
    const state = stateOf()
    const external = rabbitmqProvider(
      createBrokerServer({
        home,
        folders: [],
        external: readExternalBroker({
          HOKKU_RABBITMQ_URL: `amqp://hokku:${state.password}@localhost:${state.port}`,
          HOKKU_RABBITMQ_MANAGEMENT_URL: `http://127.0.0.1:${state.managementPort}`,
        }),
      }),
    )
    await external.start()
    const resource = external.draft({ plan: 'tiger', options: {} })

    await external.provision(resource, 'tiger')

    const vars = Object.entries(
      external.configVars(resource, { name: 'CHOSEN', namespace: null }),
    ).map(([name, value]) => ({ name, value, attachmentId: 'any' }))
    await use(renderConfig(vars, external.endpoints()))
    await external.deprovision(resource)
  })

  function urlOf(resource: unknown): string {
    const { X_URL: value = '' } = provider.configVars(resource, { name: 'X', namespace: null })
    const vars = [{ name: 'X_URL', value, attachmentId: 'any' }]
    return renderConfig(vars, provider.endpoints())['X_URL'] ?? ''
  }
}

async function connectSoon(url: string) {
  for (const endAt = Date.now() + 90_000; ;) {
    try {
      return await amqp.connect(url)
    } catch (error) {
      if (Date.now() > endAt) throw error
      await sleep(300)
    }
  }
}

test('an external broker that does not answer says what to enable', async () => {
  const external = readExternalBroker({ HOKKU_RABBITMQ_URL: 'amqp://a:b@127.0.0.1' })
  assert.equal(external?.managementUrl.href, 'http://a:b@127.0.0.1:15672/')
  const managementUrl = new URL('http://a:b@127.0.0.1:9')
  const server = createBrokerServer({
    home,
    folders: [],
    external: { url: external.url, managementUrl },
  })

  await assert.rejects(server.start(), { code: 'addon_unavailable', hint: /rabbitmq_management/ })
})

test('settings that are not addresses are reported by name, without what they hold', () => {
  for (const [name, value] of Object.entries({
    HOKKU_RABBITMQ_URL: 'broker:swordfish',
    HOKKU_RABBITMQ_MANAGEMENT_URL: 'amqp://a:swordfish@b',
  })) {
    const env = { HOKKU_RABBITMQ_URL: 'amqp://a:b@127.0.0.1', [name]: value }

    assert.throws(
      () => readExternalBroker(env),
      (error: Error) => {
        assert.match(error.message, new RegExp(`${name}: must be`))
        assert.doesNotMatch(error.message, /swordfish/)
        return true
      },
    )
  }
  assert.equal(readExternalBroker({}), undefined)
})

test('a machine without RabbitMQ says what to install', async () => {
  const fresh = { ...home, root: join(root, 'fresh'), run: join(root, 'fresh/run') }
  const server = createBrokerServer({ home: fresh, folders: ['/nowhere'] })

  await assert.rejects(server.start(), { code: 'addon_unavailable', hint: /install rabbitmq/ })
})
