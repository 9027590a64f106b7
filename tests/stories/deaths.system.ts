import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findPostmaster } from '@hokku/postgres/postmaster'
import { die, pushCounter } from './deaths.ts'
import { eventually, startPlatform, type TestPlatform } from './platform.ts'

/** kill -9 of each part while requests, log lines and config changes continue. */
let platform: TestPlatform

before(async () => {
  platform = await startPlatform()
  await pushCounter(platform)
})
after(async () => await platform.stop())

test('killing the control plane loses no request, no log line and no config change', async () => {
  const report = await die(platform, 'control plane')

  assert.equal(report.load.failed, 0, JSON.stringify(report.load.reasons))
  assert.equal(report.lostLines, 0)
  assert.equal(report.lostConfigChanges, 0)
})

test('killing the supervisor interrupts no one', async () => {
  const report = await die(platform, 'supervisor')

  assert.equal(report.load.failed, 0, JSON.stringify(report.load.reasons))
  await platform.sh(`hokku up --port ${platform.port} --detach`)
})

test('killing the router ends the requests in flight and nothing else', async () => {
  const report = await die(platform, 'router')

  assert.equal(report.lostLines, 0)
  assert.equal(report.lostConfigChanges, 0)
})

test('killing a dyno costs the requests it was answering; another one starts', async () => {
  const report = await die(platform, 'dyno')

  // At most one request a connection can have been in flight.
  assert.ok(report.load.failed <= 4, JSON.stringify(report.load.reasons))
  assert.equal(report.lostConfigChanges, 0)
})

test('killing PostgreSQL brings it back with what it had committed', async () => {
  await platform.sh(
    `heroku pg:psql -a counter -c 'create table kept (id int); insert into kept values (7)'`,
  )

  const report = await die(platform, 'PostgreSQL')

  assert.equal(report.load.failed, 0, JSON.stringify(report.load.reasons))
  assert.match(await platform.sh(`heroku pg:psql -a counter -c 'select id from kept'`), /\b7\b/)
})

test('PostgreSQL comes back although the control plane does nothing', async () => {
  const { controlPlane, postgres } = await platform.status()
  process.kill(controlPlane.pid, 'SIGSTOP')
  try {
    process.kill(postgres.pid, 'SIGKILL')

    const next = await eventually(async () => {
      const found = await findPostmaster(join(platform.home, 'postgres/data'))
      return found?.ready === true && found.pid !== postgres.pid ? found : undefined
    }, 60_000)
    assert.equal(next.port, postgres.port)
  } finally {
    process.kill(controlPlane.pid, 'SIGCONT')
  }
  assert.match(await platform.sh(`heroku pg:psql -a counter -c 'select id from kept'`), /\b7\b/)
})
