import { database } from './database.ts'

/** One upload: a row of `file_upload_meta`. */
export type Upload = Readonly<{
  document_name: string
  document_slug: string
  s3_key: string
  filename: string
  time_uploaded: Date
  word_counts: Record<string, number> | null
}>

const COLUMNS = 'document_name, document_slug, s3_key, filename, time_uploaded, word_counts'

/**
 * @param counts JSON, since `__proto__` may be a word; null while nobody has counted
 * @returns `time` too, with all its digits: together with the slug it is the key
 */
export async function addUpload(
  made: Pick<Upload, 'document_name' | 'document_slug' | 's3_key' | 'filename'>,
  counts: string | null,
): Promise<Readonly<{ upload: Upload; time: string }>> {
  const { rows } = await database.query<Upload & { time: string }>(
    `insert into file_upload_meta (document_name, document_slug, s3_key, filename, word_counts)
     values ($1, $2, $3, $4, $5) returning ${COLUMNS}, to_json(time_uploaded) #>> '{}' as time`,
    [made.document_name, made.document_slug, made.s3_key, made.filename, counts],
  )
  const [{ time, ...upload }] = rows as [Upload & { time: string }]
  return { upload, time }
}

/** The newest upload of that name. */
export async function findUpload(slug: string): Promise<Upload | undefined> {
  const { rows } = await database.query<Upload>(
    `select ${COLUMNS} from file_upload_meta where document_slug = $1
     order by time_uploaded desc limit 1`,
    [slug],
  )
  return rows[0]
}

export const FAKE = {
  document_name: 'Fake Document',
  document_slug: 'fake_document',
  s3_key: 'files/does_not_exist.txt',
  filename: 'does_not_exist.txt',
}
