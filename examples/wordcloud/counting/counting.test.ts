import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countStream, NotText } from './count-stream.ts'
import { STOP_WORDS } from './stop-words.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const count = async (text: string | Buffer, mode: 'classic' | 'unicode' = 'unicode', size = 7) =>
  await countStream(inPieces(Buffer.from(text), size), mode, () => {})

const wordsOf = async (...args: Parameters<typeof count>) => Object.fromEntries((await count(...args)).top)

/** The rules of the tutorial, written down a second time, the slow way. */
function classicCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const token of text.toLowerCase().split(/[=|\s]+/)) {
    if (["'{", '`', 'git@', '@', 'http:', 'https:'].some((start) => token.startsWith(start))) continue
    const word = token.split('').filter((c) => !'!"&()*+,-./\\:;<=>?[]^`{|}~'.includes(c)).join('')
    if (word !== '' && !STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

test('classic counts are those of the tutorial for any ASCII text, wherever it is cut', async () => {
  const part = fc.constantFrom(
    ...("well-known don't 'tis the @x git@h http://a '{b} `c` i.e. = | -- A word _ # ~ \\ .".split(' ')),
    ' ',
    '\n',
    '\t',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.integer({ min: 1, max: 9 }), async (parts, size) => {
      const text = parts.join('')

      const { top } = await count(text, 'classic', size)

      assert.deepEqual(new Map(top), classicCounts(text))
    }),
  )
})

test('words of all scripts are whole, wherever the bytes are cut', async () => {
  assert.deepEqual(await wordsOf('Grüße, GRÜSSE! naïve cafe\u0301 café', 'unicode', 1), {
    café: 2,
    grüsse: 1,
    grüße: 1,
    naïve: 1,
  })
  assert.deepEqual(await wordsOf('well-known don’t 👩‍👩‍👧 3.5'), { 'well-known': 1, 3: 1, 5: 1 })
  assert.ok((await wordsOf('東京は東京です'))['東京'] === 2)
})

test('byte order marks choose the encoding', async () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('hello Ünï', 'utf16le')])

  assert.deepEqual(await wordsOf(utf16), { hello: 1, ünï: 1 })
  assert.deepEqual(await wordsOf('\uFEFFhello'), { hello: 1 })
})

test('words that are names of object properties are counted like any other', async () => {
  const { top } = await count('__proto__ constructor toString constructor', 'classic')

  assert.deepEqual(top, [
    ['constructor', 2],
    ['__proto__', 1],
    ['tostring', 1],
  ])
})

test('an empty file has no words, a binary one is refused', async () => {
  assert.deepEqual((await count('')).top, [])
  await assert.rejects(count(Buffer.from([1, 0, 2])), NotText)
})

test('one endless line and a million different words stay within memory', async () => {
  const endless = await count('x'.repeat(5_000_000), 'unicode', 65_536)
  const random = Array.from({ length: 1_000_000 }, (_, i) => `w${i} common`).join(' ')
  const many = await count(random, 'unicode', 65_536)

  assert.equal(endless.totalWords, 0)
  assert.equal(many.approximate, true)
  assert.deepEqual(many.top[0], ['common', 1_000_000])
})
