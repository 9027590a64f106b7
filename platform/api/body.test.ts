import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { bodyOf, takes, unsupported } from './body.ts'
import { CLI_BODIES } from './fixtures/cli-bodies.ts'
import { openTestApi } from './testing.ts'
import type { Routes } from './api.ts'
import { RESOURCES } from './resources.ts'

const Probe = z.strictObject({
  name: z.string().optional(),
  stack: z.union([z.string(), z.strictObject({ name: z.string() })]).optional(),
  space: unsupported('hokku has no spaces: leave it out'),
})
const probes: Routes = (api) => {
  api.post('/probe', takes(Probe), (request) => bodyOf(request, Probe))
  api.post('/nothing', () => ({ done: true }))
  api.post('/forgotten', takes(z.strictObject({})), (request) => bodyOf(request, Probe))
}

test('a field that a route does not know is refused by name, with those there are', async (t) => {
  const api = openTestApi([probes])
  t.after(api.close)
  const refusal = async (body: object, path = '/probe') => {
    const answer = await api.call('POST', path, { body })
    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    return JSON.stringify(answer.body)
  }

  assert.match(await refusal({ nam: 'x' }), /unknown nam\\nPOST \/probe takes name, stack\./)
  assert.match(await refusal({ stack: { name: 'x', size: 1 } }), /unknown stack\.size/)
  assert.match(await refusal({ space: 'x' }), /space: hokku has no spaces: leave it out/)
  assert.match(await refusal({ a: 1, b: null }, '/nothing'), /unknown a, b.*takes no fields/)
  assert.match(await refusal([1], '/nothing'), /takes no fields/)
})

test('nothing is refused where nothing is asked for', async (t) => {
  const api = openTestApi([probes])
  t.after(api.close)

  assert.equal((await api.call('POST', '/nothing', { body: {} })).status, 200)
  assert.equal((await api.call('POST', '/nothing')).status, 200)
  assert.equal((await api.call('POST', '/probe', { body: { space: null } })).status, 200)
  assert.equal((await api.call('POST', '/probe', { body: { space: false } })).status, 200)
})

test('a route that reads a body without declaring it is a bug', async (t) => {
  const api = openTestApi([probes])
  t.after(api.close)
  t.mock.method(console, 'error', () => {})

  assert.equal((await api.call('POST', '/forgotten', { body: {} })).status, 500)
})

/** The declared bodies of all routes, by method and path. */
function declaredBodies() {
  const bodies = new Map<string, z.ZodType>()
  const record: Routes = (api) => {
    api.addHook('onRoute', ({ method, url, config }) => {
      if (config?.body !== undefined) bodies.set(`${String(method)} ${url}`, config.body)
    })
  }
  openTestApi([record, ...RESOURCES]).close()
  return bodies
}

test('no declared body lets an object pass that may have any field', () => {
  const open = [...declaredBodies()].filter(([, body]) => {
    const schema = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })
    return objectsIn(schema).some(({ additionalProperties }) => additionalProperties === undefined)
  })

  assert.deepEqual(open, [])
})

function objectsIn(schema: unknown): Record<string, unknown>[] {
  if (schema === null || typeof schema !== 'object') return []
  const inner = Object.values(schema).flatMap(objectsIn)
  return 'type' in schema && schema.type === 'object' ? [{ ...schema }, ...inner] : inner
}

test('every field that the official CLI sends is used, or refused with a reason', () => {
  const bodies = declaredBodies()
  const dropped = CLI_BODIES.flatMap(({ route, fields, refused = {} }) => {
    const body = bodies.get(route)
    if (body === undefined) return [`${route} takes no fields`]
    const unknown = Object.entries({ ...fields, ...refused }).filter(([name, value]) =>
      body
        .safeParse({ [name]: value })
        .error?.issues.some(({ code }) => code === 'unrecognized_keys'),
    )
    const accepted = Object.entries(refused).filter(
      ([name, value]) =>
        body.safeParse({ [name]: value }).error?.issues.some(({ path }) => path[0] === name) !==
        true,
    )
    const whole = body.safeParse(fields)
    return [
      ...unknown.map(([name]) => `${route} does not know ${name}`),
      ...accepted.map(([name]) => `${route} takes ${name} and cannot use it`),
      ...(whole.success ? [] : [`${route} refuses ${JSON.stringify(whole.error.issues)}`]),
    ]
  })

  assert.deepEqual(dropped, [])
})
