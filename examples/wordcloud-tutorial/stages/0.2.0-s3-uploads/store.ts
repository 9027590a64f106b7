import { randomUUID } from 'node:crypto'
import { extname } from 'node:path'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { required } from './settings.ts'

const settings = required(['S3_LOCATION', 'S3_KEY', 'S3_SECRET', 'S3_UPLOAD_DIRECTORY', 'S3_BUCKET'])
const location = settings.S3_LOCATION.replace(/\/*$/, '/')
const client = new S3Client({
  endpoint: location,
  region: /s3[.-]([a-z]+-[a-z-]+-\d)\.amazonaws/.exec(location)?.[1] ?? 'us-east-1',
  credentials: { accessKeyId: settings.S3_KEY, secretAccessKey: settings.S3_SECRET },
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
})

export type Stored = Readonly<{ key: string; address: string }>

/** Keeps the bytes where everybody can read them. The file's own name gives no more than its end. */
export async function store(bytes: Buffer, filename: string): Promise<Stored> {
  const extension = /^\.[\w-]{1,16}$/.test(extname(filename)) ? extname(filename) : ''
  const key = `${settings.S3_UPLOAD_DIRECTORY}/${randomUUID().replaceAll('-', '')}${extension}`
  await client.send(
    new PutObjectCommand({ Bucket: settings.S3_BUCKET, Key: key, Body: bytes, ACL: 'public-read' }),
  )
  return { key, address: `${location}${settings.S3_BUCKET}/${key}` }
}
