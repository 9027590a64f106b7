import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { indented, lineByLine, pushText } from './push-text.ts'

test('a build prints as Heroku does', () => {
  let printed = ''
  const text = pushText((part) => (printed += part))

  text.topic('Compressing...')
  text.detail('Done: 36.3M')
  text.warn('Two\n\nlines')

  assert.equal(printed, '-----> Compressing...\n       Done: 36.3M\n !     Two\n !\n !     lines\n')
})

test('lines that a buildpack has shaped stay as they are', () => {
  for (const line of ['-----> Step', ' !     Warning', '       detail', '']) {
    assert.equal(indented(line), line)
  }
  assert.equal(indented('npm says'), '       npm says')
})

test('of a line that is redrawn the last state is shown', () => {
  const lines: string[] = []
  const output = lineByLine((line) => lines.push(line))

  output.write(Buffer.from('10%\r50%\r100%\r\nnext'))
  output.end()

  assert.deepEqual(lines, ['100%', 'next'])
})

test('bytes may be cut anywhere, inside of a character too', () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((one) => one.replaceAll(/[\r\n]/g, ''))
  fc.assert(
    fc.property(fc.array(line), fc.nat(), (lines, cut) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''))
      const at = bytes.length === 0 ? 0 : cut % bytes.length
      const seen: string[] = []
      const output = lineByLine((one) => seen.push(one))

      output.write(bytes.subarray(0, at))
      output.write(bytes.subarray(at))
      output.end()

      assert.deepEqual(seen, lines)
    }),
  )
})
