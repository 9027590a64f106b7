import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countStream, NotText } from './count-stream.ts'
import { STOP_WORDS } from './stop-words.ts'
import { rulesOf, type Mode } from './words.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const count = async (text: string | Buffer, mode: Mode = 'unicode', size = 7) =>
  await countStream(inPieces(Buffer.from(text), size), rulesOf(mode), 100)

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

test('one endless word is none, regardless of its length; the next word is one again', async () => {
  for (const length of [65_536, 131_079, 1_000_000]) {
    const text = `before ${'x'.repeat(length)} after`

    for (const mode of ['classic', 'unicode'] as const) {
      const { top } = await count(text, mode, 65_536)

      assert.deepEqual(top, [], `${mode}, ${length}`)
    }
  }
  const { top } = await count(`sun ${'x'.repeat(200_000)},rain`, 'unicode', 65_536)
  assert.deepEqual(top, [
    ['rain', 1],
    ['sun', 1],
  ])
})

test('a line of a million words without a space is counted, wherever it is cut', async () => {
  const commas = await count('sun,rain,'.repeat(500_000), 'unicode', 65_536)
  const chinese = await count('東京大学'.repeat(100_000), 'unicode', 65_536)

  assert.deepEqual(commas.top, [
    ['rain', 500_000],
    ['sun', 500_000],
  ])
  assert.ok(chinese.totalWords >= 100_000)
})

test('more different words than are kept make the counts approximate, and the top stays right', async () => {
  const text = Array.from({ length: 300_000 }, (_, i) => `w${i} common`).join(' ')

  const { top, approximate } = await count(text, 'classic', 65_536)

  assert.equal(approximate, true)
  assert.deepEqual(top[0], ['common', 300_000])
})

test('bytes that are not UTF-8 are reported and stand between words', async () => {
  const latin1 = await count(Buffer.from('caf\xe9 cr\xe8pe sun', 'latin1'))
  const good = await count('café crêpe sun')

  assert.equal(latin1.unreadable, 2)
  assert.deepEqual(latin1.top.map(([word]) => word), ['caf', 'cr', 'pe', 'sun'])
  assert.equal(good.unreadable, 0)
})

test('Persian words keep their joiners, families of emoji are not words', async () => {
  assert.deepEqual(await wordsOf('می\u200Cخواهم سلام 👨‍👩‍👧‍👦 👍🏽'), { 'می\u200Cخواهم': 1, سلام: 1 })
})

test('stop words can be left in, or be others', async () => {
  const text = 'the sun and the moon'
  const every = await countStream(inPieces(Buffer.from(text), 3), rulesOf('unicode', new Set()), 100)
  const own = await countStream(inPieces(Buffer.from(text), 3), rulesOf('classic', new Set(['sun'])), 2)

  assert.deepEqual(Object.fromEntries(every.top), { the: 2, and: 1, moon: 1, sun: 1 })
  assert.deepEqual(own.top, [
    ['the', 2],
    ['and', 1],
  ])
})

test('a NUL byte is found in the first 64 KiB, in any piece; UTF-16 has them rightly', async () => {
  const late = Buffer.concat([Buffer.from('text '.repeat(100)), Buffer.from([0])])

  await assert.rejects(count(late), NotText)
  assert.deepEqual(await wordsOf(Buffer.from('\uFEFFsun', 'utf16le'), 'unicode', 1), { sun: 1 })
})
