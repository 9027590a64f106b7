import { inflateRawSync } from 'node:zlib'
import { problem } from '../problems.ts'

/** The members of a zip archive by name, unpacked when asked for. */
export type Archive = Readonly<{ names: readonly string[]; read: (name: string) => Uint8Array }>

/**
 * Opens a zip archive by its central directory: stored and deflated members, no encryption.
 *
 * @param bytesMax what all members together may unpack to
 */
export function openArchive(bytes: Uint8Array, bytesMax: number): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const members = readDirectory(bytes, view)
  let left = bytesMax
  return {
    names: [...members.keys()],
    read: (name) => {
      const member = members.get(name)
      if (member === undefined) throw damaged(`lacks ${name.slice(0, 100)}`)
      const content = unpack(bytes, view, member, left)
      left -= content.length
      return content
    },
  }
}

type Member = Readonly<{ method: number; packed: number; offset: number }>

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const MEMBERS_MAX = 100_000

function readDirectory(bytes: Uint8Array, view: DataView): Map<string, Member> {
  const end = endOfDirectory(bytes, view)
  const count = view.getUint16(end + 10, true)
  const members = new Map<string, Member>()
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < Math.min(count, MEMBERS_MAX); i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY)
      throw damaged('is cut off')
    const nameLength = view.getUint16(at + 28, true)
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString('utf8')
    members.set(name, {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    })
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return members
}

/** The last record of the file, behind which only a comment may stand. */
function endOfDirectory(bytes: Uint8Array, view: DataView): number {
  const COMMENT_MAX = 65_535
  for (let at = bytes.length - 22; at >= 0 && at > bytes.length - 22 - COMMENT_MAX; at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at
  }
  throw damaged('is cut off')
}

function unpack(bytes: Uint8Array, view: DataView, member: Member, bytesMax: number): Uint8Array {
  const { method, packed, offset } = member
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL_HEADER)
    throw damaged('is cut off')
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + packed > bytes.length) throw damaged('is cut off')
  const content = bytes.subarray(start, start + packed)
  if (method === 0) return content
  if (method !== 8) throw damaged(`is compressed by method ${method}, which is not supported`)
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, bytesMax) })
  } catch (error) {
    if (error instanceof RangeError)
      throw problem('pickle_too_large', 'The archive unpacks to too much.')
    throw damaged('is damaged')
  }
}

const damaged = (what: string): Error => problem('pickle_invalid', `The archive ${what}.`)
