import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ask, confirm } from './ask.ts'

/** A conversation in which all was typed already. */
function typed(input: string, isTTY = true) {
  const stream = Object.assign(new PassThrough(), { isTTY })
  stream.end(input)
  const output = new PassThrough()
  const printed = (): Promise<string> => {
    output.end()
    return text(output)
  }
  return { conversation: { input: stream, output }, printed }
}

test('a question is printed, and the line that was typed is the answer', async () => {
  const { conversation, printed } = typed(' yes \nmore\n')

  assert.equal(await ask('Name? ', conversation), ' yes ')
  assert.equal(await printed(), 'Name? ')
})

test('a script can pipe the answer in, and the end of the input is no answer', async () => {
  assert.equal(await ask('Token? ', typed('secret\n', false).conversation), 'secret')
  assert.equal(await ask('Token? ', typed('', false).conversation), undefined)
})

test('only yes confirms', async () => {
  for (const [answer, expected] of [
    ['y\n', true],
    ['Yes \n', true],
    ['\n', false],
    ['no\n', false],
    ['yesterday\n', false],
    ['', false],
  ] as const) {
    assert.equal(await confirm('Replace it?', typed(answer).conversation), expected, answer)
  }
})

test('where standard input is not a terminal nothing is asked, and the answer is no', async () => {
  const { conversation, printed } = typed('y\n', false)

  assert.equal(await confirm('Replace it?', conversation), false)
  assert.equal(await printed(), '')
})
