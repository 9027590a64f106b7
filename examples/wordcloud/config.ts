import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { STOP_WORDS } from './counting/stop-words.ts'
import { rulesOf, type Mode, type Rules } from './counting/words.ts'

export type S3Settings = Readonly<{
  endpoint: string | undefined
  /** The address for browsers, when that differs. */
  publicUrl: string | undefined
  region: string
  /** Bucket in the path of the address, not in its host. */
  forcePathStyle: boolean
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** `public-read` as in the tutorial; buckets made since 2023 refuse any. */
  acl: string | undefined
}>

export type Config = Readonly<{
  me: string
  port: number
  processes: number
  databaseUrl: string | undefined
  amqpUrl: string | undefined
  queue: string
  s3: S3Settings | undefined
  uploadDirectory: string
  uploadBytesMax: number
  /** For what is embedded when there is no add-on. */
  dataFolder: string
  /** Signs cookies. */
  secret: string
  rules: Rules
  wordsKept: number
  /** What the operator should know. */
  notices: readonly string[]
}>

/** The only reader of the environment. What is unset has an embedded default. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const errors: string[] = []
  const databaseUrl = address(env, ['DATABASE_URL'], ['postgres:', 'postgresql:'], errors)
  const brokers = ['CLOUDAMQP_URL', 'AMQP_URL', 'RABBITMQ_URL']
  const secret = env['FLASK_SECRET_KEY'] || env['SECRET_KEY']
  const config: Config = {
    me: env['ME'] || hostname(),
    port: integer(env, 'PORT', [0, 65_535], 5000, errors),
    processes: integer(env, 'WEB_CONCURRENCY', [1, 64], 1, errors),
    databaseUrl,
    amqpUrl: address(env, brokers, ['amqp:', 'amqps:'], errors),
    queue: env['COUNT_QUEUE'] || 'countwords',
    s3: s3Settings(env, errors),
    uploadDirectory: (env['S3_UPLOAD_DIRECTORY'] || 'files').replace(/^\/+|\/+$/g, ''),
    uploadBytesMax: integer(env, 'UPLOAD_BYTES_MAX', [1, 5e12], 2 * 1024 ** 3, errors),
    dataFolder: env['DATA_FOLDER'] || 'data',
    secret: secret || randomBytes(32).toString('hex'),
    rules: rulesOf(countMode(env, errors), stopWords(env['STOP_WORDS'])),
    wordsKept: integer(env, 'WORDS_KEPT', [1, 1000], 100, errors),
    notices: noticesOn(env),
  }
  if (errors.length > 0) throw new WrongSettings(errors)
  return config
}

function noticesOn(env: NodeJS.ProcessEnv): string[] {
  const lost = env['DYNO'] ? ', and what it holds is lost when this dyno restarts' : ''
  return [
    ...(env['FLASK_SECRET_KEY'] || env['SECRET_KEY']
      ? []
      : ['FLASK_SECRET_KEY is not set: cookies are good until this process ends.']),
    ...(env['DATABASE_URL'] ? [] : [`DATABASE_URL is not set: the database is embedded${lost}.`]),
    ...(env['S3_BUCKET'] || env['BUCKETEER_BUCKET_NAME']
      ? []
      : [`S3_BUCKET is not set: files lie in a folder of this machine${lost}.`]),
  ]
}

/** The same for programs: what is wrong is all that they print. */
export function configOrExit(env: NodeJS.ProcessEnv): Config {
  try {
    return readConfig(env)
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Says of each wrong setting what to do. */
export class WrongSettings extends Error {
  constructor(errors: readonly string[]) {
    super(errors.join('\n'))
  }
}

function integer(
  env: NodeJS.ProcessEnv,
  name: string,
  [min, max]: readonly [number, number],
  fallback: number,
  errors: string[],
): number {
  const text = env[name]
  if (!text) return fallback
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  errors.push(`${name} must be a whole number from ${min} to ${max}, not "${text}".`)
  return fallback
}

function countMode(env: NodeJS.ProcessEnv, errors: string[]): Mode {
  const mode = env['COUNT_MODE'] || 'unicode'
  if (mode === 'classic' || mode === 'unicode') return mode
  errors.push(`COUNT_MODE must be classic or unicode, not "${mode}".`)
  return 'unicode'
}

/** The tutorial's, none at all, or a list of one's own. */
function stopWords(text = ''): ReadonlySet<string> {
  if (text === '') return STOP_WORDS
  return new Set(text === 'off' ? [] : text.toLowerCase().split(/[\s,]+/).filter(Boolean))
}

/** The value may be a secret, so errors do not repeat it. */
function address(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
  protocols: readonly string[],
  errors: string[],
): string | undefined {
  const name = names.find((candidate) => env[candidate])
  if (name === undefined) return undefined
  if (!protocols.includes(URL.parse(env[name] ?? '')?.protocol ?? '')) {
    errors.push(`${name} must be an address that starts with ${protocols.join('// or ')}//.`)
  }
  return env[name]
}

/** The tutorial's names, or where none of them is set, those of the add-on. */
function s3Settings(env: NodeJS.ProcessEnv, errors: string[]): S3Settings | undefined {
  const isOwn = ['S3_LOCATION', 'S3_BUCKET', 'S3_KEY', 'S3_SECRET'].some((name) => env[name])
  if (!isOwn && !env['BUCKETEER_BUCKET_NAME']) return undefined
  const names = isOwn
    ? { bucket: 'S3_BUCKET', key: 'S3_KEY', secret: 'S3_SECRET', endpoint: 'S3_LOCATION' }
    : {
        bucket: 'BUCKETEER_BUCKET_NAME',
        key: 'BUCKETEER_AWS_ACCESS_KEY_ID',
        secret: 'BUCKETEER_AWS_SECRET_ACCESS_KEY',
        endpoint: 'BUCKETEER_ENDPOINT',
      }
  const required = (name: string): string => {
    if (!env[name]) errors.push(`${name} is missing: set it with heroku config:set ${name}=…`)
    return env[name] ?? ''
  }
  const endpoint = env[names.endpoint]?.replace(/\/+$/, '') || undefined
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    errors.push(`${names.endpoint} must be an address that starts with https:// or http://.`)
  }
  const region = env['S3_REGION'] || (isOwn ? undefined : env['BUCKETEER_AWS_REGION'])
  return {
    endpoint,
    publicUrl: env['S3_PUBLIC_URL'] || undefined,
    region: region || regionOf(endpoint),
    forcePathStyle: (env['S3_FORCE_PATH_STYLE'] || String(endpoint !== undefined)) === 'true',
    bucket: required(names.bucket),
    accessKeyId: required(names.key),
    secretAccessKey: required(names.secret),
    acl: env['S3_ACL'] || undefined,
  }
}

/** `https://s3-us-west-1.amazonaws.com` → `us-west-1`. */
const regionOf = (endpoint: string | undefined): string =>
  /s3[.-]([a-z]+-[a-z-]+-\d)\.amazonaws/.exec(endpoint ?? '')?.[1] ?? 'us-east-1'
