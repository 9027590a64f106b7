import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttpApp, type FastifyInstance } from './http.ts'
import { answerOtherMethods, watchRoutes, type OtherMethodsOptions } from './other-methods.ts'
import { defineProblems } from './problem.ts'

const problem = defineProblems({ method_not_allowed: { id: 'method_not_allowed', status: 405 } })

function appWith(options: Partial<OtherMethodsOptions> = {}): FastifyInstance {
  const app = createHttpApp({ renderProblem: ({ message }) => ({ message }), bodyBytesMax: 1000 })
  const routes = watchRoutes(app)
  app.get('/events', async () => 'found')
  app.post('/events', async () => 'kept')
  app.get('/events/:id', async () => 'one')
  app.put('/events/:name', async () => 'renamed')
  const refuse = (allowed: readonly string[]) =>
    problem('method_not_allowed', `Use ${allowed.join(' or ')}.`)
  answerOtherMethods(app, routes, { refuse, ...options })
  return app
}

test('a method that an address lacks answers 405 and names those it has', async () => {
  const app = appWith()

  const wrong = await app.inject({ method: 'DELETE', url: '/events' })
  const right = await app.inject({ method: 'POST', url: '/events' })

  assert.equal(wrong.statusCode, 405)
  assert.equal(wrong.headers['allow'], 'GET, POST')
  assert.deepEqual(wrong.json(), { message: 'Use GET or POST.' })
  assert.equal(right.body, 'kept')
})

test('one address counts once, however its routes call the parameter', async () => {
  const app = appWith()

  const wrong = await app.inject({ method: 'POST', url: '/events/7' })

  assert.equal(wrong.headers['allow'], 'GET, PUT')
  assert.equal((await app.inject('/events/7')).body, 'one')
})

test('an address without routes is not found', async () => {
  const app = appWith()

  assert.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 404)
})

test('OPTIONS lists the methods where that is asked for', async () => {
  const app = appWith({ listsOptions: true })

  const listed = await app.inject({ method: 'OPTIONS', url: '/events' })

  assert.equal(listed.statusCode, 200)
  assert.equal(listed.body, '')
  assert.equal(listed.headers['allow'], 'GET, HEAD, OPTIONS, POST')
})
