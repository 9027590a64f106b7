import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { databaseUrl, embeddedStatus, openPool, startEmbedded, stopEmbedded } from './index.ts'
import { createTestDatabase } from './testing.ts'

const home = mkdtempSync(join(tmpdir(), 'hokku-kit-'))
const directory = join(home, 'postgres')
const env = { HOKKU_HOME: home }

before(() => chmodSync(home, 0o755))
after(async () => {
  await stopEmbedded({ directory })
  rmSync(home, { recursive: true, force: true })
})

const ask = async <T>(url: string, sql: string): Promise<T | undefined> => {
  const pool = openPool(url, { max: 1 })
  try {
    const { rows } = await pool.query<{ answer: T }>(sql)
    return rows[0]?.answer
  } finally {
    await pool.end()
  }
}

test('several programs that need the embedded server at once end up on one', async () => {
  const script = `import { databaseUrl } from ${JSON.stringify(import.meta.resolve('./index.ts'))}
    console.log(await databaseUrl({ HOKKU_HOME: ${JSON.stringify(home)} }))`
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.pipe(process.stderr)
    await once(child, 'close')
    return output.trim()
  }

  const urls = await Promise.all([start(), start(), start()])

  assert.equal(new Set(urls).size, 1)
  assert.equal(await ask(urls[0] ?? '', 'select current_user as answer'), 'hokku')
})

test('the server outlives who started it and is adopted by the next', async () => {
  const before = await embeddedStatus({ directory })

  const server = await startEmbedded({ directory })

  assert.ok(before.running)
  assert.equal(server.pid, before.pid)
  assert.equal(await ask(server.adminUrl, 'select current_user as answer'), 'postgres')
})

test('commits are durable and no one connects without a password', async () => {
  const server = await startEmbedded({ directory })

  assert.equal(await ask(server.adminUrl, "select current_setting('fsync') as answer"), 'on')
  const guess = server.adminUrl.replace(/:[^:@]+@/, ':guess@')
  await assert.rejects(ask(guess, 'select 1 as answer'), { code: '28P01' })
})

test('a program may have a database of its own there', async () => {
  const own = await databaseUrl(env, { localName: 'model_of_"mine"' })
  const shared = await databaseUrl(env)
  await ask(own, 'create table apart as select 1 as answer')

  const again = await databaseUrl(env, { localName: 'model_of_"mine"' })

  assert.equal(again, own)
  assert.equal(await ask(again, `select to_regclass('apart')::text as answer`), 'apart')
  assert.equal(await ask(shared, `select to_regclass('apart')::text as answer`), null)
})

test('passwords and data are closed to other users', () => {
  assert.equal(statSync(join(directory, 'server.json')).mode & 0o077, 0)
  assert.equal(statSync(join(directory, 'data')).mode & 0o077, 0)
})

test('an idle server stops when asked to, one in use does not', async () => {
  const url = await databaseUrl(env)
  const pool = openPool(url, { max: 1, onIdleError: () => {} })
  await pool.query('create table kept (n int)')

  const refused = await stopEmbedded({ directory, onlyIfIdle: true })
  await pool.end()
  await sleep(200)
  const stopped = await stopEmbedded({ directory, onlyIfIdle: true })

  assert.deepEqual(refused, { outcome: 'in use', clients: 1 })
  assert.equal(stopped.outcome, 'stopped')
  assert.deepEqual(await embeddedStatus({ directory }), { running: false })
  assert.equal((await stopEmbedded({ directory })).outcome, 'not running')
})

test('after kill -9 it starts again, with what was committed, at the same address', async () => {
  const url = await databaseUrl(env)
  await ask(url, 'insert into kept values (42) returning n as answer')
  const killed = await embeddedStatus({ directory })
  assert.ok(killed.running)
  process.kill(killed.pid, 'SIGKILL')

  const again = await databaseUrl(env)

  assert.equal(again, url)
  assert.equal(await ask(again, 'select n as answer from kept'), 42)
})

test('no commit that was acknowledged is lost by kill -9 in the middle of writing', async () => {
  const url = await databaseUrl(env)
  await ask(url, 'create table written (n int)')
  const running = await embeddedStatus({ directory })
  assert.ok(running.running)
  const pool = openPool(url, { max: 4, onIdleError: () => {} })
  const acknowledged: number[] = []
  const write = async (first: number) => {
    for (let n = first; ; n += 4) {
      await pool.query('insert into written values ($1)', [n])
      acknowledged.push(n)
      if (acknowledged.length === 200) process.kill(running.pid, 'SIGKILL')
    }
  }

  await Promise.allSettled([0, 1, 2, 3].map(write))
  await pool.end().catch(() => {})
  const again = await databaseUrl(env)

  const missing = await ask(
    again,
    `select count(*)::int as answer from unnest(array[${acknowledged.join(',')}]) as a(n)
     where n not in (select n from written)`,
  )
  assert.ok(acknowledged.length >= 200)
  assert.equal(missing, 0)
})

test('an ordinary user runs its own server, as itself', { skip: cannotBecomeNobody() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-user-'))
  chownSync(folder, 65_534, 65_534)
  const script = `
    import { databaseUrl, stopEmbedded, withClient } from ${JSON.stringify(import.meta.resolve('./index.ts'))}
    const url = await databaseUrl({ HOME: ${JSON.stringify(folder)} })
    console.log(await withClient(url, (client) => client.query('select 1')).then(() => 'it works'))
    await stopEmbedded({ directory: ${JSON.stringify(join(folder, '.hokku/postgres'))} })`

  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
    env: {},
    encoding: 'utf8',
  })

  assert.equal(output.trim(), 'it works')
  assert.equal(statSync(join(folder, '.hokku/postgres/data')).uid, 65_534)
  rmSync(folder, { recursive: true, force: true })
})

/** Only root can try it, and only where others may read this checkout. */
function cannotBecomeNobody(): string | false {
  if (process.getuid?.() !== 0) return 'needs root'
  for (let path = import.meta.dirname; path !== '/'; path = join(path, '..')) {
    if ((statSync(path).mode & 0o001) === 0) return `${path} is closed to other users`
  }
  return false
}

test('a lock file left with a process id that is in use again does not keep it down', async () => {
  await stopEmbedded({ directory })
  const file = join(directory, 'data/postmaster.pid')
  writeFileSync(file, `${process.pid}\n${directory}/data\n1790000000\n1\n\n\n\nready\n`)

  const server = await startEmbedded({ directory })

  assert.notEqual(server.pid, process.pid)
})

test('a port that someone else took meanwhile is replaced by a free one', async () => {
  const before = await startEmbedded({ directory })
  await stopEmbedded({ directory })
  const intruder = createServer().listen(before.port, '127.0.0.1')
  await once(intruder, 'listening')

  const server = await startEmbedded({ directory })
  intruder.close()

  assert.notEqual(server.port, before.port)
  assert.equal(await ask(server.adminUrl, 'select 1 as answer'), 1)
})

test('settings and certificates reach a running server, and certificates are renewed', async () => {
  const certificate = (name: string) => {
    const files = { certFile: join(home, `${name}.crt`), keyFile: join(home, `${name}.key`) }
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1'.split(
      ' ',
    )
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
    const output = ['-keyout', files.keyFile, '-out', files.certFile]
    execFileSync('openssl', [...request, ...subject, ...output], { stdio: 'ignore' })
    return files
  }
  for (const tls of [certificate('first'), certificate('second')]) {
    const server = await startEmbedded({ directory, tls, settings: { work_mem: '3MB' } })
    await sleep(300)
    const url = `${server.adminUrl}?sslmode=verify-full&sslrootcert=${tls.certFile}`

    const encrypted = await ask(
      url,
      'select ssl as answer from pg_stat_ssl where pid = pg_backend_pid()',
    )

    assert.equal(encrypted, true)
    assert.equal(await ask(url, "select current_setting('work_mem') as answer"), '3MB')
  }
})

test('an address with sslmode=require connects to a server with a self-signed certificate', async () => {
  const server = await startEmbedded({ directory })

  assert.equal(await ask(`${server.adminUrl}?sslmode=require`, 'select 1 as answer'), 1)
})

test('a data directory that is something else is left alone and named', async () => {
  const other = join(home, 'other')
  await startEmbedded({ directory: other }).then(() => stopEmbedded({ directory: other }))
  rmSync(join(other, 'data/PG_VERSION'))

  await assert.rejects(startEmbedded({ directory: other }), {
    code: 'postgres_directory_invalid',
    message: /PG_VERSION is missing/,
    hint: /Restore it from a backup/,
  })
})

test('a server that cannot start says why', async () => {
  const broken = join(home, 'broken')
  await startEmbedded({ directory: broken }).then(() => stopEmbedded({ directory: broken }))
  rmSync(join(broken, 'data/global/pg_control'))

  await assert.rejects(startEmbedded({ directory: broken }), {
    code: 'postgres_unavailable',
    message: /pg_control/,
  })
})

test('settings that the server refuses are named', async () => {
  const refused = startEmbedded({ directory: join(home, 'wrong'), settings: { work_memory: 1 } })

  await assert.rejects(refused, {
    code: 'postgres_unavailable',
    message: /work_memory|configuration/,
  })
})

test('every test database is empty, apart and gone after use', async () => {
  const first = await createTestDatabase()
  const second = await createTestDatabase()
  await ask(first.url, 'create table only_here (n int)')

  const elsewhere = await ask(second.url, "select to_regclass('only_here') as answer")
  await Promise.all([first.drop(), second.drop()])

  assert.equal(elsewhere, null)
  await assert.rejects(ask(first.url, 'select 1 as answer'))
})

test('the server listens on this machine only', async () => {
  const { port } = await startEmbedded({ directory })
  const conf = readFileSync(join(directory, 'data/postgresql.conf'), 'utf8')

  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()

  assert.match(conf, /^listen_addresses = '127\.0\.0\.1'$/m)
})
