import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFiles, nameOf } from './files.ts'
import { openFiles } from './open-files.ts'

test('a path names an object from the root of the bucket', () => {
  assert.equal(nameOf('/models/a b.json'), 'models/a b.json')
})

test('a relative path is refused, with the path that was meant', () => {
  for (const [path, meant] of [
    ['model.bin', '/model.bin'],
    ['../data/x', '/data/x'],
    ['./x', '/x'],
  ] as const) {
    assert.throws(() => nameOf(path), {
      code: 'path_invalid',
      message: `The path ${path} is relative.`,
      hint: `Files are named from the root of the bucket: ${meant}`,
    })
  }
})

for (const path of ['/', '/a//b', '/a/', '/a/../b', '/./a', '/a\0b', `/${'x'.repeat(1025)}`]) {
  test(`${JSON.stringify(path.slice(0, 20))} is not the path of a file`, () => {
    assert.throws(() => nameOf(path), { code: 'path_invalid' })
  })
}

test('files are only looked for when they are used', async () => {
  let isAsked = false
  const files = createFiles(async () => {
    isAsked = true
    throw new Error('nowhere')
  })

  assert.equal(isAsked, false)
  await assert.rejects(files.read('/x'), { message: 'nowhere' })
})

const FAULTS: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    'a bucket without its key',
    { PIO_S3_BUCKET_NAME: 'b', PIO_S3_AWS_ACCESS_KEY_ID: 'id' },
    /^PIO_S3_BUCKET_NAME is set, but PIO_S3_AWS_SECRET_ACCESS_KEY is not\.$/,
  ],
  ['a dyno without a bucket', { DYNO: 'web.1' }, /^Files of a dyno are gone with it/],
]
for (const [what, env, message] of FAULTS) {
  test(`${what} is a clear error`, async () => {
    await assert.rejects(openFiles(env).list('/'), { code: 'storage_unconfigured', message })
  })
}
