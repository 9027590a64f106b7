import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'

/** What a passphrase gives: one key to encrypt with, one to sign with. */
export type PassphraseKeys = Readonly<{ encryption: Buffer; signing: Buffer }>

export const newSalt = (): string => randomBytes(16).toString('base64')

/** Takes a tenth of a second and 128 MB, so that passphrases cannot be tried by the million. */
export async function keysOf(passphrase: string, salt: string): Promise<PassphraseKeys> {
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)
  const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
  const both = await derive(passphrase, Buffer.from(salt, 'base64'), 64, cost)
  return { encryption: both.subarray(0, 32), signing: both.subarray(32) }
}

export const signatureOf = (keys: PassphraseKeys, text: string): string =>
  createHmac('sha256', keys.signing).update(text).digest('hex')

export function isSignedBy(keys: PassphraseKeys, text: string, signature: string): boolean {
  const expected = Buffer.from(signatureOf(keys, text))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** AES-256-GCM: nonce, tag, text. */
export function seal(keys: PassphraseKeys, text: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keys.encryption, nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** @throws for what was not sealed with these keys, or was altered */
export function open(keys: PassphraseKeys, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', keys.encryption, sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
}
