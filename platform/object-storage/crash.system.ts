import { spawn, type ChildProcess } from 'node:child_process'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as s3 from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'

/** The server as its own process, killed while it writes. */
const directory = mkdtempSync(join(tmpdir(), 'hokku-crash-'))
writeFileSync(join(directory, 'token'), 'token')
const credentials = { accessKeyId: 'HKCRASHCRASHCRASH1', secretAccessKey: 'x'.repeat(40) }
const Bucket = 'crash'
const MB = 1024 * 1024
let running = await start()
after(async () => {
  await stop('SIGTERM')
  rmSync(directory, { recursive: true, force: true })
})

type Running = Readonly<{ child: ChildProcess; endpoint: string; client: s3.S3Client }>

async function start(): Promise<Running> {
  const env = { ...process.env, HOKKU_OBJECT_STORAGE_DIRECTORY: directory }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const { port } = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as {
    port: number
  }
  const endpoint = `http://127.0.0.1:${port}`
  const made = await fetch(`${endpoint}/-/buckets/${Bucket}`, {
    method: 'PUT',
    headers: { authorization: 'Bearer token' },
    body: JSON.stringify({ quotaBytes: 1e9, ...credentials }),
  })
  assert.equal(made.status, 200)
  const client = new s3.S3Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  return { child, endpoint, client }
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  running.client.destroy()
  const ended = once(running.child, 'exit')
  running.child.kill(signal)
  await ended
}

const filesKept = (): string[] =>
  readdirSync(join(directory, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

/** Sends the first half of an upload, and returns once some of it is on disk. */
async function sendHalf(url: string): Promise<void> {
  const before = filesKept().length
  const sent = request(url, { method: 'PUT', headers: { 'content-length': 8 * MB } })
  sent.on('error', () => {})
  sent.write(randomBytes(4 * MB))
  for (let i = 0; filesKept().length === before && i < 500; i++) await sleep(10)
  assert.equal(filesKept().length, before + 1)
}

test('killed in mid-upload it has every object as it was, and forgets the half-written ones', async () => {
  const at = { Bucket, Key: 'document' }
  await running.client.send(new s3.PutObjectCommand({ ...at, Body: 'first version' }))
  const upload = { Bucket, Key: 'large' }
  const { UploadId } = await running.client.send(new s3.CreateMultipartUploadCommand(upload))
  const part = randomBytes(5 * MB)
  const { ETag } = await running.client.send(
    new s3.UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: part }),
  )

  await sendHalf(await getSignedUrl(running.client, new s3.PutObjectCommand(at)))
  await sendHalf(
    await getSignedUrl(running.client, new s3.PutObjectCommand({ Bucket, Key: 'new' })),
  )
  await sendHalf(
    await getSignedUrl(
      running.client,
      new s3.UploadPartCommand({ ...upload, UploadId, PartNumber: 2 }),
    ),
  )
  await stop('SIGKILL')
  running = await start()

  const { client } = running
  const read = await client.send(new s3.GetObjectCommand(at))
  assert.equal(await read.Body?.transformToString(), 'first version')
  await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket, Key: 'new' })), {
    name: 'NoSuchKey',
  })
  const { Parts = [] } = await client.send(new s3.ListPartsCommand({ ...upload, UploadId }))
  assert.deepEqual(
    Parts.map(({ PartNumber }) => PartNumber),
    [1],
  )
  for (let i = 0; filesKept().length > 2 && i < 500; i++) await sleep(10)
  assert.equal(filesKept().length, 2)
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  await client.send(new s3.CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }))
  const whole = await client.send(new s3.GetObjectCommand(upload))
  assert.ok(Buffer.from((await whole.Body?.transformToByteArray()) ?? []).equals(part))
})

test('asked to stop it finishes what is on its way', async () => {
  const url = await getSignedUrl(running.client, new s3.PutObjectCommand({ Bucket, Key: 'last' }))
  const before = filesKept().length
  const sent = request(url, { method: 'PUT', headers: { 'content-length': 2 * MB } })
  sent.write(randomBytes(MB))
  for (let i = 0; filesKept().length === before && i < 500; i++) await sleep(10)

  const stopped = stop('SIGTERM')
  await sleep(100)
  sent.end(randomBytes(MB))
  const [answer] = (await once(sent, 'response')) as [{ statusCode: number }]
  await stopped
  running = await start()

  assert.equal(answer.statusCode, 200)
  const { ContentLength } = await running.client.send(
    new s3.HeadObjectCommand({ Bucket, Key: 'last' }),
  )
  assert.equal(ContentLength, 2 * MB)
})
