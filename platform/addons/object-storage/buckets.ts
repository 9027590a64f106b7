import { createHash } from 'node:crypto'
import {
  childrenOf,
  corsXml,
  DEFAULT_CORS,
  escapeText,
  parseXml,
  textOf,
  writeXml,
} from '../../object-storage/index.ts'
import type { ExternalStorage } from './config.ts'
import type { Buckets } from './contract.ts'
import { openSignedClient, refused, type Answer, type SignedClient } from './signed-client.ts'

/** Buckets of the operator's server. */
export const openBuckets = (options: ExternalStorage): Buckets => new S3Buckets(options)

class S3Buckets implements Buckets {
  readonly #endpoint: string
  readonly #region: string
  readonly #ask: SignedClient

  constructor(options: ExternalStorage) {
    const { endpoint, region } = options
    this.#endpoint = endpoint.href.replace(/\/$/, '')
    this.#region = region
    this.#ask = openSignedClient(options, { service: 's3', region, setting: 'HOKKU_S3_ENDPOINT' })
  }

  async check(): Promise<void> {
    await this.#ask(this.#url(''))
  }

  async make(name: string): Promise<void> {
    const place = this.#region === 'us-east-1' ? '' : locationXml(this.#region)
    const made = await this.#send('PUT', name, place)
    if (made.status !== 200 && made.code !== 'BucketAlreadyOwnedByYou') {
      throw refused(`Making the bucket ${name}`, made)
    }
    // Not every server knows such rules; those that do not have none to keep pages out.
    await this.#send('PUT', `${name}?cors`, writeXml('CORSConfiguration', corsXml(DEFAULT_CORS)))
  }

  async remove(name: string): Promise<void> {
    await this.#abortUploads(name)
    while ((await this.#removeSome(name)) === 'removed');
    const gone = await this.#ask(this.#url(name), { method: 'DELETE' })
    if (gone.status >= 300 && gone.status !== 404) throw refused(`Removing ${name}`, gone)
  }

  async #removeSome(name: string): Promise<'removed' | 'empty'> {
    const listed = await this.#ask(this.#url(`${name}?list-type=2`))
    if (listed.status === 404) return 'empty'
    if (listed.status !== 200) throw refused(`Listing ${name}`, listed)
    const keys = keysOf(listed)
    if (keys.length === 0) return 'empty'
    const done = await this.#send('POST', `${name}?delete`, deletionXml(keys))
    if (done.status === 200 && !done.text.includes('<Error>')) return 'removed'
    throw refused(`Emptying ${name}`, done)
  }

  async #abortUploads(name: string): Promise<void> {
    const listed = await this.#ask(this.#url(`${name}?uploads`))
    if (listed.status !== 200) return
    for (const upload of childrenOf(parseXml(listed.text), 'Upload')) {
      const key = childrenOf(upload, 'Key')[0]?.text ?? ''
      const path = key.split('/').map(encodeURIComponent).join('/')
      const id = encodeURIComponent(textOf(upload, 'UploadId') ?? '')
      await this.#ask(this.#url(`${name}/${path}?uploadId=${id}`), { method: 'DELETE' })
    }
  }

  #url(path: string): URL {
    return new URL(`${this.#endpoint}/${path}`)
  }

  /** Sends a document with the digest that S3 requires. */
  async #send(method: string, path: string, body: string): Promise<Answer> {
    return await this.#ask(this.#url(path), {
      method,
      headers: {
        'content-type': 'application/xml',
        'content-md5': createHash('md5').update(body).digest('base64'),
      },
      body,
    })
  }
}

/** Not trimmed: a key may begin or end with white space. */
const keysOf = ({ text }: Answer): string[] =>
  childrenOf(parseXml(text), 'Contents').flatMap((item) =>
    childrenOf(item, 'Key').map((key) => key.text),
  )

const deletionXml = (keys: readonly string[]): string => {
  const items = keys.map((key) => `<Object><Key>${escapeText(key)}</Key></Object>`).join('')
  return `<Delete><Quiet>true</Quiet>${items}</Delete>`
}

const locationXml = (region: string): string =>
  writeXml('CreateBucketConfiguration', { LocationConstraint: region })
