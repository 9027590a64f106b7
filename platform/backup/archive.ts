import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import * as z from 'zod'
import { problem } from '../store/index.ts'
import {
  isSignedBy,
  keysOf,
  newSalt,
  seal,
  open as unseal,
  signatureOf,
  type PassphraseKeys,
} from './seal.ts'

/** One file of an archive, by its path in the home. */
export type ArchivedFile = z.infer<typeof File>

/** Below the home: nothing in an archive may lead out of it. */
const Path = z.string().regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\0][^\0]*$/)

const File = z.strictObject({
  path: Path,
  size: z.int().min(0),
  mode: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

export const Manifest = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  createdAt: z.string(),
  files: z.array(File),
})
export type Manifest = z.infer<typeof Manifest>

const Signature = z.strictObject({ salt: z.string(), check: z.string(), signature: z.string() })

/** Files that open everything else, by their path in the home; content as base64. */
const SealedFiles = z.record(Path, z.strictObject({ mode: z.int().min(0), content: z.string() }))
export type SealedFiles = z.infer<typeof SealedFiles>

const CHECK = 'hokku backup'

/** Copies a file into an archive. */
export async function archiveFile(
  from: string,
  archive: string,
  path: string,
): Promise<ArchivedFile> {
  const to = join(archive, 'files', path)
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  return { path, ...(await copyFile(from, to)) }
}

/** Copies in pieces, for files of any size, and names the content by its hash. */
export async function copyFile(from: string, to: string) {
  const { mode } = await stat(from)
  const hash = createHash('sha256')
  const file = await open(to, 'wx', mode & 0o777)
  let size = 0
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: CHUNK_BYTES })) {
      const bytes = chunk as Buffer
      hash.update(bytes)
      await file.writeFile(bytes)
      size += bytes.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { size, mode: mode & 0o777, sha256: hash.digest('hex') }
}

const CHUNK_BYTES = 1024 * 1024

/** Ends an archive: the list of its files, signed, is written last. */
export async function signArchive(
  archive: string,
  manifest: Manifest,
  sealed: SealedFiles,
  passphrase: string,
): Promise<void> {
  const salt = newSalt()
  const keys = await keysOf(passphrase, salt)
  const keysFile = seal(keys, JSON.stringify(sealed))
  await writeDurably(join(archive, 'keys.sealed'), keysFile)
  const text = JSON.stringify(manifest)
  await writeDurably(join(archive, 'manifest.json'), text)
  const signature = signatureOf(keys, text + sha256(keysFile))
  const check = signatureOf(keys, CHECK)
  await writeDurably(join(archive, 'signature.json'), JSON.stringify({ salt, check, signature }))
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export type OpenedArchive = Readonly<{ manifest: Manifest; sealed: SealedFiles }>

/**
 * Reads an archive whole and compares every byte with what was signed.
 *
 * @throws Problem `invalid_params` for one that is cut or altered, or another's passphrase
 */
export async function verifyArchive(
  archive: string,
  passphrase: string,
  progress: (bytes: number) => void = () => {},
): Promise<OpenedArchive> {
  const { keys, text, keysFile, signature } = await readSigned(archive, passphrase)
  if (!isSignedBy(keys, text + sha256(keysFile), signature))
    throw altered(archive, 'its list of files')
  const manifest = Manifest.parse(JSON.parse(text))
  const sealed = SealedFiles.parse(JSON.parse(unseal(keys, keysFile)))
  for (const file of manifest.files) {
    if (!(await isWhole(join(archive, 'files', file.path), file))) throw altered(archive, file.path)
    progress(file.size)
  }
  return { manifest, sealed }
}

async function readSigned(archive: string, passphrase: string) {
  const read = (name: string) => readFile(join(archive, name))
  const [signatureText, text, keysFile] = await Promise.all(
    ['signature.json', 'manifest.json', 'keys.sealed'].map(read),
  ).catch(() => [])
  if (signatureText === undefined || text === undefined || keysFile === undefined) {
    throw problem('invalid_params', `${archive} is not a whole backup.`, {
      hint: 'Name the folder that hokku backup printed; it has a file signature.json.',
    })
  }
  const { salt, check, signature } = signatureIn(signatureText, archive)
  const keys: PassphraseKeys = await keysOf(passphrase, salt)
  if (!isSignedBy(keys, CHECK, check)) {
    throw problem(
      'invalid_params',
      'The passphrase is not the one that this backup was made with.',
      {
        hint: 'Nothing was changed. Try again with the right one.',
      },
    )
  }
  return { keys, text: text.toString('utf8'), keysFile, signature }
}

function signatureIn(text: Buffer, archive: string) {
  try {
    return Signature.parse(JSON.parse(text.toString('utf8')))
  } catch {
    throw altered(archive, 'signature.json')
  }
}

async function isWhole(path: string, { size, sha256: expected }: ArchivedFile): Promise<boolean> {
  try {
    if ((await stat(path)).size !== size) return false
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    return hash.digest('hex') === expected
  } catch {
    return false
  }
}

const altered = (archive: string, what: string) =>
  problem('invalid_params', `The backup ${archive} is damaged: ${what} is not as it was written.`, {
    hint: 'Nothing was changed. Use another backup.',
  })
