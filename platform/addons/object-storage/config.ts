import { readEnvironment } from '@hokku/kit/config'
import * as z from 'zod'

/** A server of the operator's on which buckets are made. */
export type ExternalStorage = Readonly<{
  endpoint: URL
  /** May make and remove buckets, and users where there is an `iamEndpoint`. */
  accessKeyId: string
  secretAccessKey: string
  region: string
  /** Where users are made, by the protocol of Amazon's IAM; without it all apps share the one key. */
  iamEndpoint: URL | undefined
  /** What the operator should know of these settings. */
  notices: readonly string[]
}>

const Address = z
  .url({ protocol: /^https?$/, error: 'must be an address, as https://s3.example.com' })
  .transform((text) => new URL(text))

export const Environment = z.object({
  HOKKU_S3_ENDPOINT: Address.describe(
    'S3 server on which the add-on makes buckets; unset: a server on this machine.',
  ),
  HOKKU_S3_ACCESS_KEY_ID: z
    .string('must be set with HOKKU_S3_ENDPOINT')
    .describe('Key that may make and remove buckets.'),
  HOKKU_S3_SECRET_ACCESS_KEY: z
    .string('must be set with HOKKU_S3_ENDPOINT')
    .describe('Secret that goes with the key.'),
  HOKKU_S3_REGION: z.string().default('us-east-1').describe('Region of that server.'),
  HOKKU_S3_IAM_ENDPOINT: Address.optional().describe(
    'Where users are made, by the protocol of IAM; unset: all apps share the one key.',
  ),
})

/**
 * `HOKKU_S3_ENDPOINT` and what goes with it; undefined when it is not set.
 *
 * @throws Problem `config_invalid`
 */
export function readExternalStorage(env: NodeJS.ProcessEnv): ExternalStorage | undefined {
  if ((env['HOKKU_S3_ENDPOINT'] ?? '') === '') return undefined
  const config = readEnvironment(Environment, env)
  return {
    endpoint: config.HOKKU_S3_ENDPOINT,
    accessKeyId: config.HOKKU_S3_ACCESS_KEY_ID,
    secretAccessKey: config.HOKKU_S3_SECRET_ACCESS_KEY,
    region: config.HOKKU_S3_REGION,
    iamEndpoint: config.HOKKU_S3_IAM_ENDPOINT,
    notices: config.HOKKU_S3_IAM_ENDPOINT === undefined ? [SHARED_KEY] : [],
  }
}

const SHARED_KEY =
  'HOKKU_S3_IAM_ENDPOINT is not set: every app with object storage gets HOKKU_S3_ACCESS_KEY_ID itself, which opens the buckets of all.'
