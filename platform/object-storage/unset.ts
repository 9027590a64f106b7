import { objectNamed } from './objects.ts'
import { s3Problem } from './problems.ts'
import type { Operation } from './request.ts'
import { bucketNamed } from './writes.ts'

/**
 * Settings that a bucket cannot have here. Programs that look whether they are set learn that they
 * are not; setting them is not supported.
 */
const unset =
  (...[code, message]: Parameters<typeof s3Problem>): Operation =>
  ({ bucket }, { catalogue }) => {
    bucketNamed(bucket, catalogue)
    throw s3Problem(code, message)
  }

export const UNSET: Readonly<Record<string, Operation>> = {
  'GET bucket encryption': unset(
    'no_encryption',
    'The server side encryption configuration was not found',
  ),
  'GET bucket lifecycle': unset('no_lifecycle', 'The lifecycle configuration does not exist'),
  'GET bucket object-lock': unset(
    'no_object_lock',
    'Object Lock configuration does not exist for this bucket',
  ),
  'GET bucket policy': unset('no_policy', 'The bucket policy does not exist'),
  'GET bucket publicAccessBlock': unset(
    'no_public_access_block',
    'The public access block configuration was not found',
  ),
  'GET bucket replication': unset('no_replication', 'The replication configuration was not found'),
  'GET bucket tagging': unset('no_tags', 'The TagSet does not exist'),
  'GET bucket website': unset(
    'no_website',
    'The specified bucket does not have a website configuration',
  ),
  'GET object tagging': (request, storage) => {
    objectNamed(request, storage)
    return { status: 200, xml: ['Tagging', { TagSet: {} }] }
  },
}
