import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hokkuHome } from './home.ts'

test('everything is under HOKKU_HOME, else ~/.hokku, else /var/lib/hokku for root', () => {
  assert.equal(hokkuHome({ HOKKU_HOME: '/srv/h', HOME: '/home/ann' }, 1000), '/srv/h')
  assert.equal(hokkuHome({ HOME: '/home/ann' }, 1000), '/home/ann/.hokku')
  assert.equal(hokkuHome({ HOME: '/root' }, 0), '/var/lib/hokku')
})
