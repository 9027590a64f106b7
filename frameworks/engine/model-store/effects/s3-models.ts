import { AwsClient } from 'aws4fetch'
import { problem } from '../../problems.ts'
import type { ModelStore } from '../model-store.ts'

export type S3Options = Readonly<{
  bucket: string
  /** Prefix of all object names, without slashes at its ends. */
  basePath: string
  region: string
  /** Of an S3 of one's own, e.g. `http://127.0.0.1:9000`; undefined for Amazon's. */
  endpoint: string | undefined
  accessKeyId: string
  secretAccessKey: string
}>

/** Models as objects of an S3 bucket, addressed path-style where an endpoint is given. */
export function createS3Models(options: S3Options): ModelStore {
  const client = new AwsClient({
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    region: options.region,
    service: 's3',
    retries: RETRIES_MAX,
  })
  const call = async (method: string, id: string, body?: Uint8Array): Promise<Response> => {
    const url = `${rootOf(options)}/${[options.basePath, encodeURIComponent(id)].filter(Boolean).join('/')}`
    try {
      return await client.fetch(url, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      })
    } catch (error) {
      throw unreachable(options, error instanceof Error ? error.message : String(error), error)
    }
  }
  return {
    save: async (id, model) => {
      const response = await call('PUT', id, model)
      if (!response.ok) throw await refused(options, response)
    },
    load: async (id) => {
      const response = await call('GET', id)
      if (response.status === 404 && (await isMissingKey(response))) return undefined
      if (!response.ok) throw await refused(options, response)
      return new Uint8Array(await response.arrayBuffer())
    },
    delete: async (id) => {
      const response = await call('DELETE', id)
      if (!response.ok && response.status !== 404) throw await refused(options, response)
    },
    close: async () => {},
  }
}

const RETRIES_MAX = 3
/** Long enough for a model of a gigabyte on a slow line. */
const TIMEOUT_MS = 10 * 60_000

function rootOf({ bucket, region, endpoint }: S3Options): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}/${bucket}`
  return `https://${bucket}.s3.${region}.amazonaws.com`
}

const isMissingKey = async (response: Response): Promise<boolean> =>
  !(await response.clone().text()).includes('NoSuchBucket')

async function refused(options: S3Options, response: Response): Promise<Error> {
  const body = await response.text()
  const reason = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? response.statusText
  return unreachable(options, `it answered ${response.status} ${reason}`)
}

const unreachable = (options: S3Options, reason: string, cause?: unknown): Error =>
  problem('storage_unreachable', `The S3 bucket ${options.bucket} cannot be used: ${reason}`, {
    hint: 'Check REGION, BUCKET_NAME, ENDPOINT and the access key of the S3 source.',
    cause,
  })
