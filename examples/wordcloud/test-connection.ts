import type { Parts } from './work.ts'

/** `ok`, `embedded`, or what is wrong. */
type Check = string

/**
 * The tutorial's look whether everything answers: a fake row is written and read, then rolled back
 * unless it is to be kept. Names the part that is broken.
 */
export async function testConnection(parts: Parts, keeps: boolean) {
  const { config, store, broker } = parts
  let result: object | null = null
  const database = await tried(async () => {
    result = await fakeRow(parts, keeps)
  })
  const storage = await tried(() => store.check())
  const queue = broker === undefined ? 'embedded' : await tried(() => broker.check())
  const checks: Record<string, Check> = {
    database: config.databaseUrl === undefined && database === 'ok' ? 'embedded' : database,
    storage: config.s3 === undefined && storage === 'ok' ? 'embedded' : storage,
    broker: queue,
  }
  const isGood = Object.values(checks).every((check) => check === 'ok' || check === 'embedded')
  return { isGood, content: { result, checks } }
}

async function tried(check: () => Promise<void>): Promise<Check> {
  try {
    await Promise.race([check(), timeout()])
    return 'ok'
  } catch (error) {
    return explained(error)
  }
}

/** Some errors have their words only inside, or as a code. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: string }
  if (code === TABLE_IS_MISSING) return `${error.message}: heroku run npm run create-tables`
  return error.message || code || error.name
}

/** PostgreSQL's `undefined_table`. */
const TABLE_IS_MISSING = '42P01'

const timeout = (): Promise<never> =>
  new Promise((_resolve, reject) =>
    setTimeout(() => reject(new Error('no answer within 5 seconds')), ANSWER_MS_MAX).unref(),
  )

const ANSWER_MS_MAX = 5000

class RolledBack extends Error {}

async function fakeRow({ database }: Parts, keeps: boolean): Promise<object | null> {
  let row: object | null = null
  try {
    await database.transaction(async (query) => {
      await query(
        `insert into documents (name, slug) values ('Fake Document', 'fake_document')
         on conflict (slug) do nothing`,
      )
      const [made] = await query(
        `insert into versions (id, document_id, n, filename, s3_key, status, error)
         select gen_random_uuid(), id, (select coalesce(max(n), 0) + 1 from versions
           where document_id = documents.id), 'does_not_exist.txt', 'files/does_not_exist.txt',
           'failed', 'made by /test_connection' from documents where slug = 'fake_document'
         returning s3_key, filename, time_uploaded`,
      )
      row = {
        document_name: 'Fake Document',
        document_slug: 'fake_document',
        s3_key: made?.['s3_key'],
        time_uploaded: new Date(made?.['time_uploaded'] as Date).toUTCString(),
        filename: made?.['filename'],
      }
      if (!keeps) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  return row
}
