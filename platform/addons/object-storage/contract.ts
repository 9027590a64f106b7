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
   * @returns the key that does: the one told, unless the server makes keys itself
   */
  setBucket: (name: string, settings: Key & Readonly<{ quotaBytes: number }>) => Promise<Key>
  /** With all that it holds, and its key. What is gone already is fine. */
  removeBucket: (name: string) => Promise<void>
  /** Stops looking after the server; it goes on. */
  close: () => void
}>
