import { reasonOf } from '@hokku/kit/problem'
import { AwsClient } from 'aws4fetch'
import { problem } from '../../problems.ts'
import type { FilePlace } from '../files.ts'

export type BucketOptions = Readonly<{
  bucket: string
  region: string
  /** Of an S3 of one's own, e.g. `http://127.0.0.1:9000`; undefined for Amazon's. */
  endpoint: string | undefined
  accessKeyId: string
  secretAccessKey: string
  /** What to look at when it does not work. */
  settings: string
}>

/**
 * The objects of an S3 bucket, addressed path-style where an endpoint is given.
 *
 * @throws Problem `storage_unreachable` that names the bucket and what S3 said
 */
export const openBucket = (options: BucketOptions): FilePlace => new Bucket(options)

class Bucket implements FilePlace {
  readonly #options: BucketOptions
  readonly #client: AwsClient
  readonly #root: string

  constructor(options: BucketOptions) {
    const { accessKeyId, secretAccessKey, region } = options
    this.#options = options
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
      retries: RETRIES_MAX,
    })
    this.#root = rootOf(options)
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const response = await this.#call('GET', objectPath(name))
    if (response.ok) return new Uint8Array(await response.arrayBuffer())
    return unlessMissing(this.#options, response)
  }

  async write(name: string, content: Uint8Array): Promise<void> {
    await this.#checked('PUT', objectPath(name), content)
  }

  /**
   * A HEAD would not say whether it is the object or the bucket that is missing; of the names that
   * begin so, the object's own is the first.
   */
  async exists(name: string): Promise<boolean> {
    const { keys } = await this.#listPage({ prefix: name, 'max-keys': '1' })
    return keys[0] === name
  }

  async list(prefix: string): Promise<string[]> {
    const names: string[] = []
    let token: string | undefined
    do {
      const next: Record<string, string> =
        token === undefined ? {} : { 'continuation-token': token }
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page = await this.#listPage({ prefix, ...next })
      names.push(...page.keys)
      token = page.token
    } while (token !== undefined)
    return names
  }

  async delete(name: string): Promise<void> {
    const response = await this.#call('DELETE', objectPath(name))
    if (!response.ok) await unlessMissing(this.#options, response)
  }

  async #listPage(parameters: Readonly<Record<string, string>>) {
    const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', ...parameters })
    const xml = await (await this.#checked('GET', `/?${query.toString()}`)).text()
    return {
      keys: [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => decodeKey(key)),
      token: /<NextContinuationToken>([^<]*)</.exec(xml)?.[1],
    }
  }

  async #checked(method: string, path: string, body?: Uint8Array): Promise<Response> {
    const response = await this.#call(method, path, body)
    if (!response.ok) throw await refused(this.#options, response)
    return response
  }

  async #call(method: string, path: string, body?: Uint8Array): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const content = body === undefined ? {} : { body: Buffer.from(body) }
    try {
      return await this.#client.fetch(`${this.#root}${path}`, { method, signal, ...content })
    } catch (error) {
      throw unreachable(this.#options, reasonOf(error), error)
    }
  }
}

const RETRIES_MAX = 3
/** Long enough for a model of a gigabyte on a slow line. */
const TIMEOUT_MS = 10 * 60_000

function rootOf({ bucket, region, endpoint }: BucketOptions): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}/${bucket}`
  return `https://${bucket}.s3.${region}.amazonaws.com`
}

const objectPath = (name: string): string => `/${name.split('/').map(encodeURIComponent).join('/')}`

const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', '%20'))

/** Undefined for an object that is not there; a bucket that is not there is an error. */
async function unlessMissing(options: BucketOptions, response: Response): Promise<undefined> {
  const isMissing =
    response.status === 404 && !(await response.clone().text()).includes('NoSuchBucket')
  if (!isMissing) throw await refused(options, response)
}

async function refused(options: BucketOptions, response: Response): Promise<Error> {
  const body = await response.text()
  const reason = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? response.statusText
  return unreachable(options, `it answered ${response.status} ${reason}`)
}

const unreachable = (options: BucketOptions, reason: string, cause?: unknown): Error =>
  problem('storage_unreachable', `The S3 bucket ${options.bucket} cannot be used: ${reason}`, {
    hint: `Check ${options.settings}.`,
    cause,
  })
