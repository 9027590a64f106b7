import type { Key } from './resource.ts'

/** The S3 server on which buckets are made, as their provider uses it. */
export type ObjectStorageServer = Readonly<{
  start: () => Promise<void>
  /** `host:port`; undefined before the first start. */
  endpoint: () => string | undefined
  /** `http:` or `https:`. */
  scheme: string
  region: string
  /**
   * Makes or changes a bucket with the one key that opens it.
   *
   * @returns the key that works: the one given, unless the server makes keys itself
   */
  setBucket: (name: string, settings: BucketSettings) => Promise<Key>
  /** With all that it holds, and its key. What is gone already is fine. */
  removeBucket: (name: string) => Promise<void>
  /** Stops watching the server, which keeps running. */
  close: () => void
}>

/** The key that opens a bucket, and how much it may hold. */
export type BucketSettings = Key & Readonly<{ quotaBytes: number }>

/** Buckets of an S3 server, made and removed as its owner. */
export type Buckets = Readonly<{
  /** @throws Problem `addon_unavailable` if nothing answers there, or not to this key */
  check: () => Promise<void>
  /** Makes a bucket, or keeps it. Pages of any origin may use addresses that are signed for it. */
  make: (name: string) => Promise<void>
  /** With all that it holds. What is gone already is fine. */
  remove: (name: string) => Promise<void>
}>
