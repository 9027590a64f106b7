import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { createHttpApp } from './http.ts'
import { defineProblems } from './problem.ts'

const problem = defineProblems({
  overloaded: { id: 'overloaded', status: 503 },
  refused: { id: 'refused', status: 422 },
})

test('a failure that passes by itself says when to come back', async () => {
  const app = createHttpApp({
    renderProblem: ({ message }) => ({ message }),
    bodyBytesMax: 1000,
  })
  app.get('/busy', async () => {
    throw problem('overloaded', 'Too many requests are waiting.')
  })
  app.get('/wrong', async () => {
    throw problem('refused', 'That is not possible.')
  })

  const busy = await app.inject('/busy')
  const wrong = await app.inject('/wrong')

  assert.equal(busy.statusCode, 503)
  assert.equal(busy.headers['retry-after'], '1')
  assert.equal(wrong.headers['retry-after'], undefined)
})

test('a stream that fails before its first byte is answered as any failure', async () => {
  const app = createHttpApp({ renderProblem: ({ message }) => ({ message }), bodyBytesMax: 1000 })
  app.get('/slug', (_request, reply) => {
    const body = Readable.from(
      (async function* () {
        yield* []
        throw problem('refused', 'The slug is gone.')
      })(),
      { objectMode: false },
    )
    return reply.type('application/gzip').send(body)
  })

  const answer = await app.inject('/slug')

  assert.equal(answer.statusCode, 422)
  assert.match(String(answer.headers['content-type']), /json/)
  assert.deepEqual(answer.json(), { message: 'The slug is gone.' })
})
