import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import * as documents from './documents.ts'
import { Refusal } from './http.ts'
import type { Parts } from './work.ts'

/**
 * The form of the start page: `document-name`, then `input-file`. The file goes on to the store as
 * it comes; neither disk nor memory of ours holds it.
 */
export function receiveForm(request: IncomingMessage, parts: Parts): Promise<documents.Version> {
  checkLength(request, parts)
  return new Promise((resolve, reject) => {
    let name = ''
    let work: Promise<documents.Version> | undefined
    const gone = new AbortController()
    const parser = new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      limits: { fields: 10, fieldSize: 20_000, files: 1 },
    })
    parser.on('field', (field, value) => {
      if (field === 'document-name') name = value
    })
    parser.on('file', (field, file, filename) => {
      if (field !== 'input-file') return void file.resume()
      work = keepFile(file, { name: name || filename, filename }, parts, gone.signal)
      work.then(resolve, (error: Error) => {
        // The rest is read and dropped, so that the browser comes to read the answer.
        file.resume()
        reject(error)
      })
    })
    parser.on('finish', () => {
      if (work === undefined) reject(new Refusal(400, 'The form needs document-name and input-file.'))
    })
    parser.on('error', () => reject(new Refusal(400, 'The form ends too soon.')))
    request.on('close', () => {
      if (!request.complete) gone.abort(new Error('The browser went away before the end.'))
    })
    request.pipe(parser)
  })
}

export function checkLength({ headers }: IncomingMessage, { config }: Parts): void {
  if (Number(headers['content-length'] ?? 0) > config.uploadBytesMax + 100_000) {
    throw new Refusal(413, `A file may have ${config.uploadBytesMax} bytes at most.`)
  }
}

/** Keeps a file and owes its count. What breaks off on the way ends as `failed`. */
export async function keepFile(
  file: Readable,
  names: Readonly<{ name: string; filename: string }>,
  parts: Parts,
  signal: AbortSignal,
): Promise<documents.Version> {
  if (names.name.trim() === '') throw new Refusal(400, 'The document needs a name.')
  const { config, database } = parts
  const version = await documents.addVersion(database, {
    ...names,
    keyPrefix: config.uploadDirectory,
  })
  return await keepContent(file, version, parts, signal)
}

/** The content of a version that has been announced. */
export async function keepContent(
  file: Readable,
  version: documents.Version,
  { config, database, store }: Parts,
  signal: AbortSignal,
): Promise<documents.Version> {
  const limit = new AbortController()
  let bytes = 0
  file.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > config.uploadBytesMax) limit.abort(new Error('too large'))
  })
  file.pause()
  try {
    const stored = await store.put(version.key, file, AbortSignal.any([signal, limit.signal]))
    await documents.queueVersion(database, version.id, stored)
    return (await documents.findVersion(database, version.id)) ?? version
  } catch (cause) {
    const reason = signal.aborted ? String(signal.reason) : String(cause)
    await documents.failUpload(database, version.id, reason)
    if (limit.signal.aborted) {
      throw new Refusal(413, `A file may have ${config.uploadBytesMax} bytes at most.`)
    }
    console.error(`upload of ${version.slug} failed: ${reason}`)
    throw new Refusal(503, 'The file could not be stored. Try again in a moment.')
  }
}
