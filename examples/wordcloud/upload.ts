import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import * as documents from './documents.ts'
import { Refusal } from './http.ts'
import { queueVersion } from './jobs.ts'
import type { Stored } from './object-store.ts'
import type { Parts } from './work.ts'

/**
 * The form of the start page: `document-name` and `input-file`, in any order. The file continues to
 * the store as it comes; neither disk nor memory of ours holds it.
 */
export async function receiveForm(
  request: IncomingMessage,
  parts: Parts,
): Promise<documents.Version> {
  checkLength(request, parts)
  const parser = parserOf(request)
  const gone = signalOfLeaving(request)
  let name: string | undefined
  let keeping: Promise<Finish> | undefined
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on('field', (field, value, _isNameCut, isValueCut) => {
      if (isValueCut) reject(new Refusal(400, `The field ${field} is too long.`))
      else if (field === 'document-name') name = value
    })
    parser.on('file', (field, file, filename) => {
      if (field !== 'input-file') return void file.resume()
      keeping = keepFile(file, { name, filename: filename ?? '' }, parts, gone)
      keeping.catch((error: Error) => {
        // The rest is read and dropped, so that the browser comes to read the answer.
        file.resume()
        reject(error)
      })
    })
    parser.on('finish', resolve)
    parser.on('error', () => reject(new Refusal(400, 'The form ends too soon.')))
    gone.addEventListener('abort', () => reject(gone.reason as Error), { once: true })
  })
  request.pipe(parser)
  await parsed
  if (keeping === undefined) throw new Refusal(400, 'The form has no file: it needs input-file.')
  const finish = await (keeping as Promise<Finish>)
  return await finish(name)
}

function parserOf({ headers }: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { fields: 10, fieldSize: 4 * documents.NAME_LENGTH_MAX, files: 1 },
    })
  } catch {
    throw new Refusal(415, 'Send the form as multipart/form-data with document-name and input-file.')
  }
}

/** Aborts when the client has gone before the end of its request. */
export function signalOfLeaving(request: IncomingMessage): AbortSignal {
  const gone = new AbortController()
  request.on('close', () => {
    if (!request.complete) gone.abort(new Refusal(400, 'The browser went away before the end.'))
  })
  return gone.signal
}

export function checkLength({ headers }: IncomingMessage, { config }: Parts): void {
  if (Number(headers['content-length'] ?? 0) > config.uploadBytesMax + FORM_BYTES) {
    throw tooLarge(config.uploadBytesMax)
  }
}

/** What a form has around its file. */
const FORM_BYTES = 100_000

export const tooLarge = (bytesMax: number): Refusal =>
  new Refusal(413, `A file may have ${bytesMax} bytes at most.`)

/** Takes the name, which may come after the file. */
type Finish = (name: string | undefined) => Promise<documents.Version>

/** Stores a file; with a name to show already, what breaks off on the way ends as `failed`. */
async function keepFile(
  file: Readable,
  { name, filename }: Readonly<{ name: string | undefined; filename: string }>,
  parts: Parts,
  signal: AbortSignal,
): Promise<Finish> {
  const made = documents.newKey(parts.config.uploadDirectory, filename)
  if (name === undefined) {
    const stored = await put(file, made.key, parts, signal)
    return (late) => addStored({ ...made, name: late, filename }, stored, parts)
  }
  const names = documents.checkNames({ name, filename })
  const announced = await documents.addVersion(parts.database, { ...made, ...names })
  const version = await keepContent(file, announced, parts, signal)
  return () => Promise.resolve(version)
}

async function addStored(
  made: Readonly<{ id: string; key: string; name: string | undefined; filename: string }>,
  stored: Stored,
  { database, store }: Parts,
): Promise<documents.Version> {
  const { id, key, name, filename } = made
  try {
    if (name === undefined) throw new Refusal(400, 'The form has no name: it needs document-name.')
    const names = documents.checkNames({ name, filename })
    await documents.addVersion(database, { id, key, ...names })
  } catch (error) {
    await store.remove(key).catch(() => {})
    throw error
  }
  await queueVersion(database, id, stored)
  return await documents.versionWithId(database, id)
}

/** The content of a version that has been announced. */
export async function keepContent(
  file: Readable,
  version: documents.Version,
  parts: Parts,
  signal: AbortSignal,
): Promise<documents.Version> {
  const { database } = parts
  try {
    const stored = await put(file, version.key, parts, signal)
    await queueVersion(database, version.id, stored)
    return (await documents.findVersion(database, version.id)) ?? version
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    await documents.failUpload(database, version.id, reason).catch(() => {})
    throw cause
  }
}

async function put(
  file: Readable,
  key: string,
  { config, store }: Parts,
  signal: AbortSignal,
): Promise<Stored> {
  const limit = new AbortController()
  let bytes = 0
  file.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > config.uploadBytesMax) limit.abort()
  })
  file.pause()
  try {
    const stored = await store.put(key, file, AbortSignal.any([signal, limit.signal]))
    // Some stores keep the framing of an upload as its content.
    if (stored.bytes !== bytes) throw new Error(`${stored.bytes} of ${bytes} bytes were stored`)
    return stored
  } catch (cause) {
    if (limit.signal.aborted) throw tooLarge(config.uploadBytesMax)
    if (signal.aborted) throw signal.reason
    console.error(`storing ${key} failed: ${String(cause)}`)
    throw new Refusal(503, 'The file could not be stored. Try again in a moment.')
  }
}
