import { AwsClient } from 'aws4fetch'
import { problem } from '../../store/index.ts'
import type { ExternalStorage } from './config.ts'

export type Answer = Readonly<{ status: number; text: string; code: string }>

/** Sends a request as the operator; every answer is one, but silence is not. */
export type SignedClient = (
  url: URL,
  init?: Readonly<{ method?: string; headers?: Record<string, string>; body?: string }>,
) => Promise<Answer>

/**
 * @param setting the variable that says where the server is, for messages
 * @throws Problem `addon_unavailable` from the client, if the server does not answer or the key is not known
 */
export function openSignedClient(
  { accessKeyId, secretAccessKey }: Pick<ExternalStorage, 'accessKeyId' | 'secretAccessKey'>,
  where: Readonly<{ service: 's3' | 'iam'; region: string; setting: string }>,
): SignedClient {
  const { service, region, setting } = where
  const client = new AwsClient({ accessKeyId, secretAccessKey, service, region, retries: 2 })
  return async (url, init = {}) => {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    try {
      const response = await client.fetch(url, { ...init, signal })
      const text = await response.text()
      const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? ''
      if (!UNKNOWN_KEY.has(code)) return { status: response.status, text, code }
    } catch (cause) {
      throw problem('addon_unavailable', `${setting} cannot be reached: ${reasonOf(cause)}`, {
        cause,
      })
    }
    throw problem('addon_unavailable', `${setting} does not accept HOKKU_S3_ACCESS_KEY_ID.`, {
      hint: 'Also check HOKKU_S3_SECRET_ACCESS_KEY and HOKKU_S3_REGION.',
    })
  }
}

const ANSWER_MS_MAX = 30_000

const UNKNOWN_KEY: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidClientTokenId',
  'AuthorizationHeaderMalformed',
])

/** What `fetch` throws says little; what made it throw says more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}

export const refused = (what: string, { status, text, code }: Answer) =>
  problem(
    'addon_unavailable',
    `${what} was answered with ${status} ${code || text.slice(0, 100)}`,
    {
      hint: 'HOKKU_S3_ACCESS_KEY_ID must be allowed to make and remove buckets, and users where HOKKU_S3_IAM_ENDPOINT is set.',
    },
  )
