import { randomBytes } from 'node:crypto'
import * as z from 'zod'

/** What we know of one add-on: its bucket, and the key that opens it. */
export const BucketResource = z.object({
  bucket: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
})
/** A key pair as S3 programs know it. */
export type Key = Omit<z.infer<typeof BucketResource>, 'bucket'>
export type BucketResource = z.infer<typeof BucketResource>

export const draftBucket = (): BucketResource => ({
  bucket: `bucket-${randomBytes(10).toString('hex')}`,
  ...newKey(),
})

export const withNewKey = (resource: BucketResource): BucketResource => ({
  ...resource,
  ...newKey(),
})

/** As long as Amazon's, and of letters that no shell or address treats specially. */
const newKey = () => ({
  accessKeyId: `HK${randomBytes(9).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(20).toString('hex'),
})
