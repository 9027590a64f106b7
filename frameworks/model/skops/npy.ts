import { problem } from '../problems.ts'
import { constructed, type Constructed, type Pickled } from '../pickled.ts'

/** An array of a `.npy` file, spelled as a pickle would spell it. */
export function readNpy(bytes: Uint8Array): Constructed {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (text.toString('latin1', 0, 6) !== '\x93NUMPY' || text.length < 12) throw damaged()
  const isShort = bytes[6] === 1
  const length = isShort ? text.readUInt16LE(8) : text.readUInt32LE(8)
  const start = (isShort ? 10 : 12) + length
  if (start > bytes.length) throw damaged()
  const header = text.toString('latin1', isShort ? 10 : 12, start)
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]
  const descr = /'descr':\s*('[^']*'|\[[^\]]*\])/.exec(header)?.[1]
  if (shape === undefined || descr === undefined) throw damaged()
  const lengths = shape
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const array = constructed({ kind: 'global', module: 'numpy', name: '_reconstruct' })
  array.state = [
    1,
    lengths,
    dtypeOf(descr),
    /'fortran_order':\s*True/.test(header),
    bytes.subarray(start),
  ]
  return array
}

/** `'<f8'`, or `[('left_child', '<i8'), …]` for records, which are packed here. */
function dtypeOf(descr: string): Constructed {
  if (descr.startsWith("'")) return plainDtype(descr.slice(1, -1))
  const fields = new Map<Pickled, Pickled>()
  let offset = 0
  for (const [, name = '', code = ''] of descr.matchAll(/\('([^']*)',\s*'([^']*)'\)/g)) {
    if (name !== '') fields.set(name, [plainDtype(code), offset])
    offset += Number(/\d+$/.exec(code)?.[0] ?? 0)
  }
  const dtype = plainDtype(`|V${offset}`)
  dtype.state = [3, '|', null, [...fields.keys()], fields]
  return dtype
}

function plainDtype(code: string): Constructed {
  const match = /^([<>|=])?([biufcSUVO])(\d+)$/.exec(code)
  // Objects in a .npy are a pickle, which skops never writes.
  if (match === null || match[2] === 'O') throw damaged()
  const dtype = constructed({ kind: 'global', module: 'numpy', name: 'dtype' }, [
    `${match[2]}${match[3]}`,
    false,
    true,
  ])
  dtype.state = [3, match[1] ?? '|', null, null, null]
  return dtype
}

const damaged = (): Error => problem('pickle_invalid', 'An array file of the archive is damaged.')
