import { problem } from '../problems.ts'
import type { NumpyDtype } from './dtype.ts'

/** Reads one number of a dtype at a byte offset. */
export type NumberReader = (view: DataView, offset: number) => number

/** @throws Problem for element types that are not real numbers */
export function numberReader(dtype: NumpyDtype): NumberReader {
  const reader = READERS[`${dtype.kind}${dtype.itemSize}`]
  if (reader === undefined) {
    throw problem(
      'pickle_invalid',
      `An array of ${dtype.kind}${dtype.itemSize} is not an array of numbers.`,
    )
  }
  return (view, offset) => reader(view, offset, dtype.littleEndian)
}

export function decodeNumbers(bytes: Uint8Array, dtype: NumpyDtype): Float64Array {
  if (dtype.kind === 'f' && dtype.itemSize === 8 && dtype.littleEndian) {
    return new Float64Array(new Uint8Array(bytes).buffer)
  }
  const read = numberReader(dtype)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out = new Float64Array(bytes.length / dtype.itemSize)
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * dtype.itemSize)
  return out
}

/** Zero-padded text: UCS-4 units for U, bytes for S. */
export function decodeTexts(bytes: Uint8Array, dtype: NumpyDtype): string[] {
  const size = dtype.itemSize
  if (size === 0) return []
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const item = bytes.subarray(i * size, (i + 1) * size)
    return dtype.kind === 'U' ? ucs4(item, dtype.littleEndian) : latin1(item)
  })
}

function ucs4(item: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(item.buffer, item.byteOffset, item.byteLength)
  let text = ''
  for (let at = 0; at < item.length; at += 4) {
    const point = view.getUint32(at, littleEndian)
    if (point > 0x10ffff) throw problem('pickle_invalid', 'A text array holds no Unicode.')
    text += String.fromCodePoint(point)
  }
  return text.replace(/\0+$/, '')
}

const latin1 = (item: Uint8Array): string =>
  Buffer.from(item).toString('latin1').replace(/\0+$/, '')

type Reader = (view: DataView, offset: number, littleEndian: boolean) => number

const READERS: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => wide(view, at, little, view.getInt32(at + (little ? 4 : 0), little)),
  u8: (view, at, little) => wide(view, at, little, view.getUint32(at + (little ? 4 : 0), little)),
  f2: (view, at, little) => view.getFloat16(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
}

/** Eight-byte integers as doubles: rounded beyond 2^53, where only random states live. */
const wide = (view: DataView, at: number, little: boolean, high: number): number =>
  high * 2 ** 32 + view.getUint32(at + (little ? 0 : 4), little)
