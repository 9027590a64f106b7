import { hostname } from 'node:os'

export type S3Settings = Readonly<{
  endpoint: string | undefined
  /** What browsers are told, when that differs. */
  publicUrl: string | undefined
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  acl: string | undefined
}>

export type Config = Readonly<{
  me: string
  port: number
  databaseUrl: string | undefined
  amqpUrl: string | undefined
  s3: S3Settings | undefined
  uploadDirectory: string
  /** For what is embedded when there is no add-on. */
  dataFolder: string
  mode: 'classic' | 'unicode'
  uploadBytesMax: number
}>

/** The only reader of the environment. Whatever is unset has an embedded default. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    me: env['ME'] || hostname(),
    port: Number(env['PORT'] || 5000),
    databaseUrl: env['DATABASE_URL'],
    amqpUrl: env['CLOUDAMQP_URL'] || env['AMQP_URL'] || env['RABBITMQ_URL'],
    s3: s3Settings(env),
    uploadDirectory: env['S3_UPLOAD_DIRECTORY'] || 'files',
    dataFolder: env['DATA_FOLDER'] || 'data',
    mode: env['COUNT_MODE'] === 'classic' ? 'classic' : 'unicode',
    uploadBytesMax: Number(env['UPLOAD_BYTES_MAX'] || 2 * 1024 ** 3),
  }
}

/** The tutorial's names first, then those of the add-on. */
function s3Settings(env: NodeJS.ProcessEnv): S3Settings | undefined {
  const of = (own: string, addon: string): string | undefined =>
    env[own] || env[`BUCKETEER_${addon}`]
  const bucket = of('S3_BUCKET', 'BUCKET_NAME')
  const endpoint = env['S3_LOCATION']?.replace(/\/+$/, '') || env['BUCKETEER_ENDPOINT']
  if (bucket === undefined) return undefined
  return {
    endpoint,
    publicUrl: env['S3_PUBLIC_URL'],
    region: of('S3_REGION', 'AWS_REGION') ?? regionOf(endpoint),
    bucket,
    accessKeyId: required('S3_KEY', of('S3_KEY', 'AWS_ACCESS_KEY_ID')),
    secretAccessKey: required('S3_SECRET', of('S3_SECRET', 'AWS_SECRET_ACCESS_KEY')),
    acl: env['S3_ACL'],
  }
}

/** `https://s3-us-west-1.amazonaws.com` → `us-west-1`. */
const regionOf = (endpoint: string | undefined): string =>
  /s3[.-]([a-z]+-[a-z-]+-\d)\.amazonaws/.exec(endpoint ?? '')?.[1] ?? 'us-east-1'

function required(name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new Error(`${name} is missing: set it with heroku config:set ${name}=…`)
}
