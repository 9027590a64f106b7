import { spawn } from 'node:child_process'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { portOf } from '@hokku/kit/port-of'
import { AwsClient } from 'aws4fetch'
import { hasProgram } from '../../../tests/machine.ts'
import { renderConfig } from '../../store/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { readExternalStorage } from './config.ts'
import { objectStorageProviders } from './provider.ts'
import { createObjectStorageServer } from './server.ts'

/** Buckets on a server that is not ours: moto (`pip install 'moto[server]'`), where there is one. */
if (hasProgram('moto_server')) await testOperatorsServer()

function providersFor(env: NodeJS.ProcessEnv) {
  const home = { root: '/nowhere', run: '/nowhere/run', logs: '/nowhere/logs' }
  const external = readExternalStorage(env)
  return objectStorageProviders(createObjectStorageServer({ home, external }))
}

async function testOperatorsServer(): Promise<void> {
  const operator = await startMoto()
  const settings = {
    HOKKU_S3_ENDPOINT: operator.url,
    HOKKU_S3_ACCESS_KEY_ID: operator.accessKeyId,
    HOKKU_S3_SECRET_ACCESS_KEY: operator.secretAccessKey,
  }
  const [perBucket] = providersFor({ ...settings, HOKKU_S3_IAM_ENDPOINT: operator.url })
  const [shared] = providersFor({ ...settings, HOKKU_S3_REGION: 'eu-central-1' })
  assert.ok(perBucket && shared)
  after(operator.stop)

  testProviderContract('HOKKU_S3_ENDPOINT with HOKKU_S3_IAM_ENDPOINT', {
    provider: () => perBucket,
    use: (config) => useBucket(config),
  })

  const request = { plan: 'hobbyist', options: {} }
  const configOf = (provider: typeof shared, resource: unknown): Record<string, string> =>
    renderConfig(
      Object.entries(provider.configVars(resource, { name: 'CHOSEN', namespace: null })).map(
        ([name, value]) => ({ name, value, attachmentId: 'any' }),
      ),
      provider.endpoints(),
    )

  test('the key of one bucket does not open another', async () => {
    const [one, two] = [
      await perBucket.provision(perBucket.draft(request), 'hobbyist'),
      await perBucket.provision(perBucket.draft(request), 'hobbyist'),
    ].map((resource) => configOf(perBucket, resource))

    const mixed = { ...one, CHOSEN_BUCKET_NAME: two?.['CHOSEN_BUCKET_NAME'] ?? '' }

    await assert.rejects(useBucket(mixed), { name: 'AccessDenied' })
  })

  test('without a server of users every app has the key of the operator, and its own bucket', async () => {
    await shared.start()
    const resource = await shared.provision(shared.draft(request), 'hobbyist')

    const config = configOf(shared, resource)
    await useBucket(config)

    assert.equal(config['CHOSEN_AWS_ACCESS_KEY_ID'], operator.accessKeyId)
    assert.equal(config['CHOSEN_AWS_REGION'], 'eu-central-1')
    assert.equal(config['CHOSEN_ENDPOINT'], operator.url)
    await shared.deprovision(resource)
  })

  test('a bucket goes with all that it holds, unfinished uploads too', async () => {
    const resource = await shared.provision(shared.draft(request), 'hobbyist')
    const config = configOf(shared, resource)
    const client = clientOf(config)
    const Bucket = config['CHOSEN_BUCKET_NAME'] ?? ''
    for (const Key of ['a/b', ' spaces ', 'c']) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    }
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'unfinished/one' }))

    await shared.deprovision(resource)

    await assert.rejects(client.send(new HeadBucketCommand({ Bucket })), { name: 'NotFound' })
    client.destroy()
  })

  test('a wrong key is reported by the name of its setting', async () => {
    const [wrong] = providersFor({ ...settings, HOKKU_S3_SECRET_ACCESS_KEY: 'x'.repeat(40) })

    await assert.rejects(wrong?.start() ?? Promise.resolve(), {
      code: 'addon_unavailable',
      message: /HOKKU_S3_ENDPOINT does not accept HOKKU_S3_ACCESS_KEY_ID/,
    })
  })
}

test('an address that does not answer, or is not one, is reported by the name of its setting', async () => {
  const key = { HOKKU_S3_ACCESS_KEY_ID: 'id', HOKKU_S3_SECRET_ACCESS_KEY: 'secret' }
  const [provider] = providersFor({
    HOKKU_S3_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    ...key,
  })

  await assert.rejects(provider?.start() ?? Promise.resolve(), {
    code: 'addon_unavailable',
    message: /HOKKU_S3_ENDPOINT cannot be reached: .*ECONNREFUSED/,
  })
  assert.throws(() => readExternalStorage({ HOKKU_S3_ENDPOINT: 'minio:9000', ...key }), {
    code: 'config_invalid',
    message: /HOKKU_S3_ENDPOINT: must be an address/,
  })
  assert.throws(() => readExternalStorage({ HOKKU_S3_ENDPOINT: 'http://127.0.0.1:9000' }), {
    message: /HOKKU_S3_ACCESS_KEY_ID: must be set with HOKKU_S3_ENDPOINT/,
  })
  assert.equal(readExternalStorage({}), undefined)
})

function clientOf(config: Readonly<Record<string, string>>): S3Client {
  return new S3Client({
    endpoint: config['CHOSEN_ENDPOINT'] ?? '',
    region: config['CHOSEN_AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: config['CHOSEN_AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: config['CHOSEN_AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  })
}

async function useBucket(config: Readonly<Record<string, string>>): Promise<void> {
  const client = clientOf(config)
  const at = { Bucket: config['CHOSEN_BUCKET_NAME'] ?? '', Key: 'used/at' }
  try {
    await client.send(new PutObjectCommand({ ...at, Body: 'now' }))
    const { Body } = await client.send(new GetObjectCommand(at))
    assert.equal(await Body?.transformToString(), 'now')
  } finally {
    client.destroy()
  }
}

/** moto with one administrator, and every request but the three that make him checked. */
async function startMoto() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: '3' },
    stdio: 'ignore',
  })
  for (let i = 0; i < 300; i++) {
    if (await fetch(`${url}/moto-api/data.json`).catch(() => undefined)) break
    await sleep(100)
  }
  const unknown = new AwsClient({ accessKeyId: 'x', secretAccessKey: 'x', service: 'iam' })
  const call = async (Action: string, more: Record<string, string> = {}): Promise<string> => {
    const parameters = { Action, Version: '2010-05-08', UserName: 'operator', ...more }
    const body = new URLSearchParams(parameters).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await unknown.fetch(url, { method: 'POST', headers, body })
    assert.equal(answer.status, 200)
    return await answer.text()
  }
  await call('CreateUser')
  await call('PutUserPolicy', {
    PolicyName: 'all',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    }),
  })
  const key = await call('CreateAccessKey')
  return {
    url,
    accessKeyId: /<AccessKeyId>(.*?)</.exec(key)?.[1] ?? '',
    secretAccessKey: /<SecretAccessKey>(.*?)</.exec(key)?.[1] ?? '',
    stop: async (): Promise<void> => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  return port
}
