import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EndOfInput } from './end-of-input.ts'
import { ExitMarkerGuard } from './exit-marker.ts'

const MARKER = '\uffff heroku-command-exit-status: 42\n'

/** Cuts bytes at the given places. */
const cut = (bytes: Buffer, places: number[]): Buffer[] => {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  )
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

test('the exit marker leaves in one piece, however it came', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat()), (before, places) => {
      const guard = new ExitMarkerGuard()

      const pieces = cut(Buffer.from(before + MARKER), places).flatMap((chunk) => guard.push(chunk))
      pieces.push(...guard.end())

      assert.equal(Buffer.concat(pieces).toString(), before + MARKER)
      assert.ok(pieces.some((piece) => piece.toString() === MARKER))
    }),
  )
})

test('output that only looks like a marker is not held back forever', () => {
  const guard = new ExitMarkerGuard()
  const long = `${MARKER.trimEnd()}${'9'.repeat(100)}`

  assert.equal(Buffer.concat(guard.push(Buffer.from(long))).toString(), long)
})

test('all that is piped in arrives whole, and only a 0x04 at the very end may end it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.nat()), (data, places) => {
      const end = new EndOfInput()
      const all = Buffer.concat([data, Buffer.of(4)])

      const passed = cut(all, places)
        .filter((chunk) => chunk.length > 0)
        .map((chunk) => end.push(chunk))

      assert.deepEqual(Buffer.concat(passed), Buffer.from(data))
      assert.equal(end.mayHaveEnded, true)
    }),
  )
})
