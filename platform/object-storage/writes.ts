import type { ObjectFacts, Segment } from './catalogue/index.ts'
import { checkWrite, type Headers } from './conditions.ts'
import type { Payload, PayloadFacts } from './payload.ts'
import { s3Problem } from './problems.ts'
import type { Storage } from './request.ts'

/** As at Amazon: 5 GiB in one piece; larger objects come in parts. */
export const PIECE_BYTES_MAX = 5 * 1024 ** 3

/** Writes a body to its own file, within the bucket's quota. */
export async function writePiece(
  bucket: string,
  payload: Payload,
  storage: Storage,
): Promise<{ segment: Segment; facts: PayloadFacts }> {
  try {
    checkQuota(bucket, payload.size, storage)
    const segment = await storage.files.write(payload.bytes, payload.take)
    const facts = await payload.facts().catch(async (error: unknown) => {
      await storage.files.remove([segment.file])
      throw error
    })
    return { segment, facts }
  } finally {
    payload.close()
  }
}

/** @throws Problem `bucket_not_found`, `quota_exceeded` */
export function checkQuota(bucket: string, size: number, { catalogue }: Storage): void {
  const { quotaBytes, usedBytes } = bucketNamed(bucket, catalogue)
  if (usedBytes + size <= quotaBytes) return
  throw s3Problem('quota_exceeded', `The plan of this bucket allows ${quotaBytes} bytes.`, {
    hint: 'Delete objects, or change to a larger plan: heroku addons:upgrade',
    details: { UsedBytes: usedBytes, QuotaBytes: quotaBytes },
  })
}

/** @throws Problem `bucket_not_found` */
export function bucketNamed(name: string, catalogue: Storage['catalogue']) {
  const bucket = catalogue.buckets.find(name)
  if (bucket !== undefined) return bucket
  throw s3Problem('bucket_not_found', 'The specified bucket does not exist', {
    details: { BucketName: name },
  })
}

/**
 * Makes written files an object, if the conditions hold at this very moment; otherwise they are
 * removed again. What it replaces is removed after the commit.
 */
export async function commitObject(
  at: Readonly<{ bucket: string; key: string; headers: Headers }>,
  facts: ObjectFacts,
  storage: Storage,
): Promise<void> {
  const { catalogue, files } = storage
  try {
    const replaced = await catalogue.transaction(() => {
      checkWrite(at.headers, catalogue.objects.find(at.bucket, at.key))
      const before = catalogue.objects.set(at.bucket, at.key, facts)
      checkQuota(at.bucket, 0, storage)
      return before
    })
    await files.remove(replaced)
  } catch (error) {
    await files.remove(facts.segments.map(({ file }) => file))
    throw error
  }
}
