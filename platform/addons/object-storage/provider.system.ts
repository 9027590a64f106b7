import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { isAlive, type ProcessMark } from '@hokku/kit/process-mark'
import { renderConfig } from '../../store/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { objectStorageProviders } from './provider.ts'
import { createObjectStorageServer } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-storage-'))
chmodSync(root, 0o755)
const home = { root, run: join(root, 'run'), logs: join(root, 'logs') }
const server = createObjectStorageServer({ home })
const [bucketeer, cloudcube] = objectStorageProviders(server)
assert.ok(bucketeer && cloudcube)
const mark = (): ProcessMark =>
  JSON.parse(readFileSync(join(home.run, 'object-storage.json'), 'utf8')) as ProcessMark

after(async () => {
  server.close()
  const running = mark()
  process.kill(running.pid, 'SIGTERM')
  for (let i = 0; isAlive(running) && i < 200; i++) await sleep(50)
  rmSync(root, { recursive: true, force: true })
})

async function useBucket(bucket: string, endpoint: string, id: string, secret: string) {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: id, secretAccessKey: secret },
  })
  const at = { Bucket: bucket, Key: 'used/at' }
  await client.send(new PutObjectCommand({ ...at, Body: 'now' }))
  const { Body } = await client.send(new GetObjectCommand(at))
  assert.equal(await Body?.transformToString(), 'now')
  client.destroy()
}

testProviderContract('bucketeer', {
  provider: () => bucketeer,
  use: ({
    CHOSEN_BUCKET_NAME: bucket = '',
    CHOSEN_ENDPOINT: endpoint = '',
    CHOSEN_AWS_ACCESS_KEY_ID: id = '',
    CHOSEN_AWS_SECRET_ACCESS_KEY: secret = '',
  }) => useBucket(bucket, endpoint, id, secret),
})

testProviderContract('cloudcube', {
  provider: () => cloudcube,
  use: ({
    CHOSEN_URL: url = '',
    CHOSEN_ACCESS_KEY_ID: id = '',
    CHOSEN_SECRET_ACCESS_KEY: secret = '',
  }) => {
    const { origin, pathname } = new URL(url)
    return useBucket(pathname.slice(1), origin, id, secret)
  },
})

test('a killed server comes back at the same address, with all that it had acknowledged', async () => {
  await bucketeer.start()
  const resource = bucketeer.draft({ plan: 'micro', options: {} })
  await bucketeer.provision(resource, 'micro')
  const config = renderConfig(
    Object.entries(bucketeer.configVars(resource, { name: 'B', namespace: null })).map(
      ([name, value]) => ({ name, value, attachmentId: 'any' }),
    ),
    bucketeer.endpoints(),
  )
  const client = new S3Client({
    endpoint: config['B_ENDPOINT'] ?? '',
    region: 'us-east-1',
    credentials: {
      accessKeyId: config['B_AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: config['B_AWS_SECRET_ACCESS_KEY'] ?? '',
    },
    maxAttempts: 1,
  })
  const Bucket = config['B_BUCKET_NAME'] ?? ''
  const acknowledged: string[] = []
  let isDone = false
  const writer = (async () => {
    for (let i = 0; !isDone; i++) {
      const put = new PutObjectCommand({ Bucket, Key: `k${i}`, Body: `value ${i}` })
      await client.send(put).then(
        () => acknowledged.push(`k${i}`),
        () => sleep(50),
      )
    }
  })()

  for (let i = 0; acknowledged.length < 10 && i < 600; i++) await sleep(50)
  const killed = mark()
  process.kill(killed.pid, 'SIGKILL')
  for (let i = 0; mark().pid === killed.pid && i < 600; i++) await sleep(50)
  const before = acknowledged.length
  for (let i = 0; acknowledged.length === before && i < 600; i++) await sleep(50)
  isDone = true
  await writer

  assert.ok(before >= 10 && acknowledged.length > before)
  for (const key of acknowledged) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }))
    assert.equal(await Body?.transformToString(), `value ${key.slice(1)}`)
  }
  client.destroy()
  await bucketeer.deprovision(resource)
})

test('another control plane finds the server that runs', async () => {
  const { pid } = mark()
  const second = createObjectStorageServer({ home })

  await second.start()

  assert.equal(second.endpoint(), server.endpoint())
  assert.equal(mark().pid, pid)
  second.close()
})
