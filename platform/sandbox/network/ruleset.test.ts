import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesetOf } from './ruleset.ts'

const shop = { uid: 1_100_000_001, services: [5433, 5433], served: [20_001] }
const blog = { uid: 1_100_000_002, services: [], served: [20_002, 20_003] }

test('an app may reach the servers of its add-ons, and answers on the ports of its dynos', () => {
  const rules = rulesetOf('hokku', [{ shared: [8080], apps: [shop, blog] }])

  assert.match(rules, /set services .* elements = \{ 1100000001 \. 5433 \}/)
  assert.match(
    rules,
    /set served .* elements = \{ 1100000001 \. 20001, 1100000002 \. 20002, 1100000002 \. 20003 \}/,
  )
  assert.match(rules, /set shared .* elements = \{ 8080 \}/)
})

test('rules replace earlier ones in one transaction, also when there are none', () => {
  const rules = rulesetOf('hokku', [])

  assert.ok(rules.startsWith('table inet hokku\ndelete table inet hokku\ntable inet hokku {'))
  assert.doesNotMatch(rules, /elements/)
})

test('two installations on one machine may have an app in common', () => {
  const other = { ...shop, services: [6433], served: [] }

  const rules = rulesetOf('hokku', [
    { shared: [8080], apps: [shop] },
    { shared: [9090], apps: [other] },
  ])

  assert.match(rules, /set apps .* elements = \{ 1100000001 \}/)
  assert.match(rules, /set services .* elements = \{ 1100000001 \. 5433, 1100000001 \. 6433 \}/)
  assert.match(rules, /set shared .* elements = \{ 8080, 9090 \}/)
})
