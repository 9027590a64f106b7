import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '@hokku/kit/problem'
import { parseProcfile } from './procfile.ts'

test('each line names a process type and its command', () => {
  const text = '\uFEFF# comment\r\nweb: npm start -- --port=$PORT\r\n\nworker_2:node worker.js   \n'

  assert.deepEqual(parseProcfile(text), {
    web: 'npm start -- --port=$PORT',
    worker_2: 'node worker.js',
  })
})

test('a later entry for the same type wins', () => {
  assert.deepEqual(parseProcfile('web: one\nweb: two'), { web: 'two' })
})

test('a line that is something else is refused by its number', () => {
  assert.throws(() => parseProcfile('web: one\n\nwhat is this'), {
    code: 'build_rejected',
    message: 'Procfile, line 3 is not "type: command": what is this',
  })
})

test('a type that is called like a property of every object is a type like any other', () => {
  assert.deepEqual(Object.keys(parseProcfile('__proto__: a\nconstructor: b')), [
    '__proto__',
    'constructor',
  ])
})

test('what is written is read again, in order', () => {
  const type = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/)
  const command = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/)
  const entries = fc.uniqueArray(fc.tuple(type, command), { selector: ([name]) => name })
  fc.assert(
    fc.property(entries, (pairs) => {
      const text = pairs.map(([name, line]) => `${name}:  ${line}\n`).join('# between\n')

      assert.deepEqual(Object.entries(parseProcfile(text)), pairs)
    }),
  )
})

test('any text is read or refused with a reason', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        for (const [type, command] of Object.entries(parseProcfile(text))) {
          assert.match(type, /^[\w-]+$/)
          assert.notEqual(command.trim(), '')
        }
      } catch (error) {
        assert.ok(error instanceof Problem)
      }
    }),
  )
})
