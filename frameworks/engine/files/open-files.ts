import { join } from 'node:path'
import { problem } from '../problems.ts'
import { localFiles } from './effects/local-files.ts'
import { openBucket } from './effects/s3-bucket.ts'
import { s3Endpoint } from './effects/s3-endpoint.ts'
import { createFiles, type FilePlace, type Files } from './files.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The files that an environment names; what is wrong with it is reported at the first use. */
export function openFiles(env: Env): Files {
  let place: Promise<FilePlace> | undefined
  const open = async (): Promise<FilePlace> =>
    env['PIO_S3_BUCKET_NAME'] ? bucketOf(env) : folderOf(env)
  return createFiles(() => (place ??= open()))
}

async function bucketOf(env: Env): Promise<FilePlace> {
  const unset = ['PIO_S3_AWS_ACCESS_KEY_ID', 'PIO_S3_AWS_SECRET_ACCESS_KEY'].find(
    (name) => !env[name],
  )
  if (unset !== undefined) {
    throw problem('storage_unconfigured', `PIO_S3_BUCKET_NAME is set, but ${unset} is not.`, {
      hint: 'heroku addons:create bucketeer --as PIO_S3 sets all of them.',
    })
  }
  return openBucket({
    bucket: env['PIO_S3_BUCKET_NAME'] ?? '',
    region: env['AWS_REGION'] || env['PIO_S3_AWS_REGION'] || 'us-east-1',
    endpoint: await s3Endpoint(env),
    accessKeyId: env['PIO_S3_AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['PIO_S3_AWS_SECRET_ACCESS_KEY'] ?? '',
    settings: 'PIO_S3_BUCKET_NAME, PIO_S3_ENDPOINT and the PIO_S3_AWS_ keys',
  })
}

/** Without a bucket: at home a folder, so that an engine runs there as it does on the cloud. */
function folderOf(env: Env): FilePlace {
  if (env['DYNO']) {
    throw problem('storage_unconfigured', 'Files of a dyno are gone with it; no bucket is set.', {
      hint: 'heroku addons:create bucketeer --as PIO_S3',
    })
  }
  const base = env['PIO_FS_BASEDIR'] || join(env['HOME'] ?? '.', '.pio_store')
  return localFiles(join(base, 'files'))
}
