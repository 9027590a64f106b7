import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AwsClient } from 'aws4fetch'
import { childrenOf, escapeText, parseXml, textOf } from '../object-storage/index.ts'
import { problem } from '../store/index.ts'

/** A place in a bucket: `s3://<bucket>/<prefix>`. */
type Place = Readonly<{ bucket: string; prefix: string }>

/** Whether a place of backups is a bucket rather than a folder. */
export const isBucket = (place: string): boolean => place.startsWith('s3://')

/**
 * Backups in a bucket of any S3 server, one object a file. The objects of one backup lie below its
 * name; the signature comes last, so that a backup that was cut off is none.
 */
export class BackupBucket {
  readonly #client: AwsClient
  readonly #endpoint: string

  /** @throws Problem `bad_request` names the variables that are missing */
  constructor(env: NodeJS.ProcessEnv) {
    const set = (...names: string[]): string | undefined =>
      names.map((name) => env[name]).find((value) => value !== undefined && value !== '')
    const accessKeyId = set('AWS_ACCESS_KEY_ID')
    const secretAccessKey = set('AWS_SECRET_ACCESS_KEY')
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw problem('bad_request', 'Backups in a bucket need a key.', {
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL unless it is at AWS.',
      })
    }
    const region = set('AWS_REGION', 'AWS_DEFAULT_REGION') ?? 'us-east-1'
    const sessionToken = set('AWS_SESSION_TOKEN')
    const endpoint = set('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL')
    this.#endpoint = (endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, '')
    const key = {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    }
    this.#client = new AwsClient({ ...key, service: 's3', region, retries: 3 })
  }

  /** Copies a folder that `createBackup` made. @returns where it is, `s3://…` */
  async upload(folder: string, to: string): Promise<string> {
    const target = placeIn(to, basename(folder))
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = files
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    for (const path of paths.toSorted((one, other) => rank(one) - rank(other))) {
      await this.#put(join(folder, path), keyed(target, path))
    }
    return `s3://${target.bucket}/${target.prefix}`
  }

  /** Copies a backup to a folder, which must not be there. */
  async download(from: string, folder: string): Promise<void> {
    const place = placeIn(from)
    const keys = await this.#list(place)
    if (keys.length === 0) {
      throw problem('not_found', `There is no backup at ${from}.`, {
        hint: 'Give the address that hokku backup printed.',
      })
    }
    await mkdir(folder, { mode: 0o700 })
    for (const key of keys) {
      const path = key.slice(place.prefix.length + 1)
      if (path === '' || path.split('/').some((part) => part === '..' || part === '')) continue
      await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 })
      const response = await this.#ask({ ...place, prefix: key }, 'GET')
      if (response.body === null) continue
      const file = createWriteStream(join(folder, path), { flags: 'wx', mode: 0o600 })
      await pipeline(Readable.fromWeb(response.body), file)
    }
  }

  async remove(from: string): Promise<void> {
    const place = placeIn(from)
    for (const key of await this.#list(place)) await this.#ask({ ...place, prefix: key }, 'DELETE')
  }

  async #list(place: Place): Promise<string[]> {
    const keys: string[] = []
    for (let token: string | undefined = ''; token !== undefined;) {
      const query = { 'list-type': '2', prefix: `${place.prefix}/` }
      const more = token === '' ? {} : { 'continuation-token': token }
      const response = await this.#ask({ ...place, prefix: '' }, 'GET', { ...query, ...more })
      const page = parseXml(await response.text())
      keys.push(...childrenOf(page, 'Contents').flatMap((item) => textOf(item, 'Key') ?? []))
      token = textOf(page, 'NextContinuationToken')
    }
    return keys
  }

  async #put(file: string, at: Place): Promise<void> {
    const { size } = await stat(file)
    if (size <= PART_BYTES) {
      await this.#ask(at, 'PUT', {}, await readPart(file, 0, size))
      return
    }
    const started = await this.#ask(at, 'POST', { uploads: '' })
    const uploadId = textOf(parseXml(await started.text()), 'UploadId') ?? ''
    try {
      await this.#putParts(file, size, { at, uploadId })
    } catch (error) {
      await this.#ask(at, 'DELETE', { uploadId }).catch(() => {})
      throw error
    }
  }

  async #putParts(
    file: string,
    size: number,
    { at, uploadId }: Readonly<{ at: Place; uploadId: string }>,
  ): Promise<void> {
    // At most 10,000 parts make an object.
    const bytes = Math.max(PART_BYTES, Math.ceil(size / PARTS_MAX))
    const parts: string[] = []
    for (let from = 0; from < size; from += bytes) {
      const number = String(parts.length + 1)
      const body = await readPart(file, from, Math.min(bytes, size - from))
      const response = await this.#ask(at, 'PUT', { partNumber: number, uploadId }, body)
      const tag = escapeText(response.headers.get('etag') ?? '')
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${tag}</ETag></Part>`)
    }
    const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
    const done = await this.#ask(at, 'POST', { uploadId }, Buffer.from(list))
    // A completion that failed after its first byte is answered with 200.
    const text = await done.text()
    if (text.includes('<Error>')) throw refused(at, 200, text)
  }

  async #ask(
    at: Place,
    method: string,
    query: Readonly<Record<string, string>> = {},
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const path = [at.bucket, ...at.prefix.split('/')].map(encodeURIComponent).join('/')
    const url = new URL(`${this.#endpoint}/${path}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const response = await this.#client
      .fetch(url, { method, ...(body !== undefined && { body }) })
      .catch((cause: unknown) => {
        throw problem(
          'bucket_unavailable',
          `${this.#endpoint} cannot be reached: ${String(cause)}`,
          {
            cause,
            hint: 'Check AWS_ENDPOINT_URL and AWS_REGION.',
          },
        )
      })
    if (response.ok) return response
    throw refused(at, response.status, await response.text())
  }
}

/** Ten seconds on a slow line; one is in memory at a time. */
const PART_BYTES = 16 * 2 ** 20
const PARTS_MAX = 10_000

/** What makes a backup whole comes last. */
const rank = (path: string): number => (path.startsWith('files/') ? 0 : 1)

const keyed = ({ bucket, prefix }: Place, path: string): Place => ({
  bucket,
  prefix: `${prefix}/${path}`,
})

function placeIn(address: string, name?: string): Place {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? []
  if (bucket === '') {
    throw problem('bad_request', `${address} names no bucket.`, {
      hint: 'Write it as s3://bucket/folder.',
    })
  }
  const prefix = [rest.replace(/\/+$/, ''), name].filter(Boolean).join('/')
  return { bucket, prefix }
}

async function readPart(
  file: string,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  await using handle = await open(file)
  for (let read = 0; read < length;) {
    const { bytesRead } = await handle.read(bytes, read, length - read, from + read)
    if (bytesRead === 0) throw new Error(`${file} became shorter`)
    read += bytesRead
  }
  return bytes
}

function refused({ bucket, prefix }: Place, status: number, text: string) {
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? text.slice(0, 100)
  return problem(
    'bucket_unavailable',
    `s3://${bucket}/${prefix} was answered with ${status} ${code}.`,
    {
      hint: 'The key must be allowed to list, read, write and remove objects of the bucket.',
    },
  )
}
