/**
 * The few pieces of DER that an X.509 certificate is made of: tag, length, content.
 *
 * @see ITU-T X.690
 */
export type Der = Uint8Array

const element = (tag: number, ...contents: readonly Uint8Array[]): Der => {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

/** Short form below 128, else the number of length bytes and then the length, big-endian. */
function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Buffer.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.of(0x80 + bytes.length, ...bytes)
}

export const sequence = (...items: readonly Der[]): Der => element(0x30, ...items)
export const set = (...items: readonly Der[]): Der => element(0x31, ...items)
export const octets = (content: Uint8Array): Der => element(0x04, content)
export const utf8 = (text: string): Der => element(0x0c, Buffer.from(text))
export const truth = (value: boolean): Der => element(0x01, Buffer.of(value ? 0xff : 0))

/** A positive integer, given as its bytes: a leading zero keeps the sign bit clear. */
export function integer(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0)
  const minimal = first === -1 ? Buffer.of(0) : bytes.subarray(first)
  return element(0x02, (minimal[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), minimal)
}

/** @param unused how many low bits of the last byte do not count */
export const bits = (content: Uint8Array, unused = 0): Der =>
  element(0x03, Buffer.of(unused), content)

/** An object identifier in dotted form, e.g. `2.5.29.17`. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 + (rest % 128))
  }
  return bytes
}

/** A time in UTC to the second: UTCTime up to 2049, GeneralizedTime after, as RFC 5280 wants. */
export function time(date: Date): Der {
  const digits = date.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const [tag, text] = date.getUTCFullYear() < 2050 ? [0x17, digits.slice(2)] : [0x18, digits]
  return element(tag as number, Buffer.from(`${text}Z`))
}

/** A context-specific element that wraps others (`[n]` explicit). */
export const explicit = (number: number, ...items: readonly Der[]): Der =>
  element(0xa0 + number, ...items)

/** A context-specific element with its own content (`[n]` implicit, primitive). */
export const implicit = (number: number, content: Uint8Array): Der =>
  element(0x80 + number, content)
