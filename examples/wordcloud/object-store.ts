import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import type { S3Settings } from './config.ts'

export type Stored = Readonly<{ bytes: number; etag: string }>
export type PostForm = Readonly<{ url: string; fields: Record<string, string> }>

/** Where uploads lie. Keys come from us alone. */
export type ObjectStore = Readonly<{
  put: (key: string, body: Readable, signal: AbortSignal) => Promise<Stored>
  get: (key: string, signal: AbortSignal) => Promise<Readable>
  head: (key: string) => Promise<Stored | undefined>
  /** A form with which a browser uploads without us; undefined where that cannot be. */
  postForm: (key: string, bytesMax: number) => Promise<PostForm | undefined>
  remove: (key: string) => Promise<void>
  /** Where everyone can read it, if that was asked for; else it is private. */
  publicAddress: (key: string) => string | undefined
  /** Throws if it does not answer. */
  check: () => Promise<void>
}>

export const openObjectStore = (s3: S3Settings | undefined, folder: string): ObjectStore =>
  s3 === undefined ? folderStore(join(folder, 'objects')) : s3Store(s3)

function s3Store(settings: S3Settings): ObjectStore {
  const { bucket: Bucket, region, endpoint, accessKeyId, secretAccessKey } = settings
  const clientAt = (url: string | undefined): S3Client =>
    new S3Client({
      region,
      credentials: { accessKeyId, secretAccessKey },
      // Some stores keep the framing of newer checksums as data.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS_MAX, socketTimeout: SILENCE_MS_MAX },
      maxAttempts: TRIES_MAX,
      forcePathStyle: settings.forcePathStyle,
      ...(url !== undefined && { endpoint: url }),
    })
  const client = clientAt(endpoint)
  const publicClient = settings.publicUrl === undefined ? client : clientAt(settings.publicUrl)
  const head = async (Key: string): Promise<Stored | undefined> => {
    try {
      const found = await client.send(new HeadObjectCommand({ Bucket, Key }))
      return { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' }
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFound') return undefined
      throw error
    }
  }
  return {
    put: async (Key, Body, signal) => {
      const ACL = settings.acl as 'public-read' | undefined
      const upload = new Upload({
        client,
        params: { Bucket, Key, Body, ...(ACL && { ACL }) },
        partSize: PART_BYTES,
        queueSize: 1,
      })
      const abort = (): void => void upload.abort()
      signal.addEventListener('abort', abort, { once: true })
      await upload.done().finally(() => signal.removeEventListener('abort', abort))
      const stored = await head(Key)
      if (stored === undefined) throw new Error('The store does not have what was just uploaded.')
      return stored
    },
    get: async (Key, abortSignal) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
      return Body as Readable
    },
    head,
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    publicAddress: (Key) =>
      settings.acl?.startsWith('public-read')
        ? `${settings.publicUrl ?? endpoint ?? 'https://s3.amazonaws.com'}/${Bucket}/${Key}`
        : undefined,
    postForm: (Key, bytesMax) =>
      createPresignedPost(publicClient, {
        Bucket,
        Key,
        Conditions: [['content-length-range', 0, bytesMax]],
        ...(settings.acl !== undefined && { Fields: { acl: settings.acl } }),
        Expires: 3600,
      }),
    check: async () => {
      await client.send(new HeadBucketCommand({ Bucket }))
    },
  }
}

const CONNECT_MS_MAX = 5000
/** Twice this is less than the 30 seconds that routers wait. */
const SILENCE_MS_MAX = 10_000
const TRIES_MAX = 2

/** The smallest that S3 takes: room for 50 GB in 10,000 parts, one in memory and one on its way. */
const PART_BYTES = 5 * 1024 * 1024

function folderStore(folder: string): ObjectStore {
  const head = async (key: string): Promise<Stored | undefined> => {
    const found = await stat(join(folder, key)).catch(() => undefined)
    return found && { bytes: found.size, etag: `${found.size}-${found.mtimeMs}` }
  }
  return {
    put: async (key, body, signal) => {
      const path = join(folder, key)
      await mkdir(dirname(path), { recursive: true })
      try {
        await pipeline(body, createWriteStream(`${path}.part`, { flush: true }), { signal })
        await rename(`${path}.part`, path)
      } catch (error) {
        await rm(`${path}.part`, { force: true })
        throw error
      }
      return (await head(key)) as Stored
    },
    get: async (key, signal) => createReadStream(join(folder, key), { signal, highWaterMark: READ_BYTES }),
    head,
    remove: (key) => rm(join(folder, key), { force: true }),
    publicAddress: () => undefined,
    postForm: async () => undefined,
    check: async () => {
      await mkdir(folder, { recursive: true })
    },
  }
}

const READ_BYTES = 256 * 1024
