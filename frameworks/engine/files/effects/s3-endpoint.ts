import { coreSiteProperty, readConfFile } from '../../conf-files.ts'

/** Of the environment, or of `core-site.xml`; undefined means Amazon's. */
export async function s3Endpoint(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const own = env['PIO_S3_ENDPOINT'] || env['AWS_ENDPOINT_URL_S3']
  if (own) return own
  const named = coreSiteProperty(await readConfFile(env, 'core-site.xml'), 'fs.s3a.endpoint')
  if (named === undefined || named.endsWith('amazonaws.com')) return undefined
  return named.includes('://') ? named : `https://${named}`
}
