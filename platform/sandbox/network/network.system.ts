import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { childExit } from '@hokku/kit/child-exit'
import { portOf } from '@hokku/kit/port-of'
import { Network, removeRules } from './network.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-network-'))
const network = new Network({ root, wanted: 'strict' })

const SHOP = 1_100_000_001
const BLOG = 1_100_000_002
const ROOT = 0

/** A socket belongs to the user who we are when it is made. */
function asUser<T>(uid: number, make: () => T): T {
  process.seteuid?.(uid)
  try {
    return make()
  } finally {
    process.seteuid?.(ROOT)
  }
}

const servers: Server[] = []

/** A server of a user on a free port of all addresses. */
async function listenAs(uid: number): Promise<number> {
  const server = createServer((socket) => socket.end()).on('error', () => {})
  servers.push(server)
  const listening = new Promise((resolve) => server.once('listening', resolve))
  asUser(uid, () => server.listen(0))
  await listening
  return portOf(server)
}

/** Whether a program of a user reaches a port; `Connection refused`, `Connection timed out` … */
async function connectAs(uid: number, port: number, host = '127.0.0.1'): Promise<string> {
  const child = spawn('bash', ['-c', `exec 3<>/dev/tcp/${host}/${port}`], {
    uid,
    gid: uid,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LC_ALL: 'C' },
  })
  const [said, code] = await Promise.all([text(child.stderr), childExit(child)])
  return code.code === 0 ? 'connected' : (said.split('\n')[0]?.split(': ').at(-1) ?? '')
}

describe('rules', { skip: network.mode.kind === 'shared' && network.mode.notice }, () => {
  let web: number
  let inner: number
  let blogWeb: number
  let database: number
  let router: number
  let unknown: number
  const follow = (by: Network): void =>
    by.follow(() => ({
      shared: [router],
      apps: [
        { uid: SHOP, services: [database], served: [web] },
        { uid: BLOG, services: [], served: [blogWeb] },
      ],
    }))

  before(async () => {
    ;[web, inner] = [await listenAs(SHOP), await listenAs(SHOP)]
    blogWeb = await listenAs(BLOG)
    ;[database, router, unknown] = [
      await listenAs(ROOT),
      await listenAs(ROOT),
      await listenAs(ROOT),
    ]
    follow(network)
  })

  after(() => {
    for (const server of servers) server.close()
    removeRules(root)
    rmSync(root, { recursive: true, force: true })
  })

  test('an app reaches itself, the servers of its add-ons, and the router', async () => {
    for (const port of [web, inner, database, router]) {
      assert.equal(await connectAs(SHOP, port), 'connected')
      assert.equal(await connectAs(SHOP, port, '::1'), 'connected')
    }
  })

  test('it reaches neither another app, nor a server of others, nor anything else', async () => {
    for (const port of [web, inner, database, unknown]) {
      assert.equal(await connectAs(BLOG, port), 'Connection refused')
      assert.equal(await connectAs(BLOG, port, '::1'), 'Connection refused')
    }
  })

  test('a second try from the same app is refused as the first', async () => {
    for (const _ of [1, 2, 3]) assert.equal(await connectAs(BLOG, web), 'Connection refused')
  })

  test('the router reaches a dyno on its port, and on no other', async () => {
    assert.equal(await connectAs(ROOT, web), 'connected')
    assert.equal(await connectAs(ROOT, inner), 'Connection refused')
  })

  test('an app that listens on the port of a server is not heard by others', async () => {
    const squatted = await listenAs(BLOG)
    network.follow(() => ({
      shared: [squatted],
      apps: [
        { uid: SHOP, services: [squatted], served: [] },
        { uid: BLOG, services: [], served: [] },
      ],
    }))

    assert.equal(await connectAs(SHOP, squatted), 'Connection refused')

    follow(network)
  })

  test('the next control plane leaves the rules in force, and a new user is held to them', async () => {
    const next = new Network({ root, wanted: 'strict' })

    assert.equal(await connectAs(SHOP, database), 'connected')
    assert.equal(await connectAs(BLOG, database), 'Connection refused')
    next.admit(SHOP + 10)
    assert.equal(await connectAs(SHOP + 10, database), 'Connection refused')
    assert.equal(await connectAs(SHOP + 10, router), 'connected')
    assert.equal(await connectAs(SHOP, database), 'connected')

    follow(next)
    assert.equal(await connectAs(SHOP + 10, database), 'Connection refused')
  })

  test('rules that another program removed are put in force again', async () => {
    removeRules(root)
    assert.equal(await connectAs(BLOG, database), 'connected')

    network.restore()

    assert.equal(await connectAs(BLOG, database), 'Connection refused')
  })
})
