import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { openStorageServer } from './server.ts'

export type TestBucket = Readonly<{
  name: string
  endpoint: string
  credentials: Readonly<{ accessKeyId: string; secretAccessKey: string }>
  client: (config?: Partial<S3ClientConfig>) => S3Client
}>

/** For tests: a storage server in its own folder. */
export async function openTestStorage(directory = mkdtempSync(join(tmpdir(), 'hokku-s3-'))) {
  const token = randomBytes(16).toString('hex')
  const clock = { offsetMs: 0 }
  const server = await openStorageServer({
    directory,
    token,
    onLost: (error) => {
      throw error
    },
    clock: () => new Date(Date.now() + clock.offsetMs),
  })
  const endpoint = `http://127.0.0.1:${await server.listen(0)}`
  const newBucket = async (quotaBytes = 1024 ** 3): Promise<TestBucket> => {
    const name = `test-${randomBytes(6).toString('hex')}`
    const credentials = {
      accessKeyId: `HK${randomBytes(9).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(20).toString('hex'),
    }
    const response = await fetch(`${endpoint}/-/buckets/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ quotaBytes, ...credentials }),
    })
    if (!response.ok) throw new Error(await response.text())
    // The SDK as it comes: nothing set but what every program must set.
    const client = (config: Partial<S3ClientConfig> = {}): S3Client =>
      new S3Client({ endpoint, region: 'us-east-1', credentials, ...config })
    return { name, endpoint, credentials, client }
  }
  return {
    directory,
    endpoint,
    token,
    clock,
    newBucket,
    close: async (): Promise<void> => {
      await server.close()
    },
    remove: (): void => rmSync(directory, { recursive: true, force: true }),
  }
}
