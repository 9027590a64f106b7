import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Seals and opens secret values; the key never leaves this module. */
export type Secrets = Readonly<{
  /** @param about what the value belongs to, e.g. `app-id/NAME`: it opens only for the same */
  seal: (plain: string, about: string) => Uint8Array
  open: (sealed: Uint8Array, about: string) => string
}>

/** Reads the key file, made with mode 0600 on first use. */
export function openSecrets(keyFile: string): Secrets {
  if (!existsSync(keyFile))
    writeFileSync(keyFile, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' })
  chmodSync(keyFile, 0o600)
  return secretsOf(readFileSync(keyFile))
}

/** AES-256-GCM; a sealed value is key version (1 byte), nonce (12), tag (16), ciphertext. */
export function secretsOf(key: Uint8Array): Secrets {
  return {
    seal: (plain, about) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(about))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(KEY_VERSION), nonce, cipher.getAuthTag(), text])
    },
    open: (sealed, about) => {
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
      const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      decipher.setAAD(Buffer.from(about))
      decipher.setAuthTag(tag)
      const text = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
    },
  }
}

/** What is stored of a token: random tokens need no slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** A new secret of 160 bits or more, printable, e.g. for tokens and secret paths. */
export const newSecret = (prefix = ''): string => prefix + randomBytes(24).toString('hex')

/** Compares in constant time, regardless of the lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(a).digest(),
    createHash('sha256').update(b).digest(),
  )
}

const KEY_BYTES = 32
const KEY_VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
