import { createServer, type Server } from 'node:http'
import { createAdministration } from './administration.ts'
import { openCatalogue, type OnLost } from './catalogue/index.ts'
import { createDigestThreads } from './digest-threads.ts'
import { openFiles } from './files.ts'
import { createHandler } from './handler.ts'
import type { Storage } from './request.ts'

export type StorageOptions = Readonly<{
  /** Everything is below it. */
  directory: string
  /** What the platform shows to make buckets. */
  token: string
  /** Called when the disk no longer keeps what was written to it; nothing may continue after that. */
  onLost: OnLost
  clock?: () => Date
}>

export type StorageServer = Readonly<{
  listen: (port: number) => Promise<number>
  close: () => Promise<void>
}>

/** An S3 server on files of this machine. */
export async function openStorageServer(options: StorageOptions): Promise<StorageServer> {
  const { directory, token, onLost, clock = () => new Date() } = options
  const openedAt = new Date()
  const catalogue = await openCatalogue(directory, onLost)
  const digestThreads = createDigestThreads()
  const openDigests = digestThreads.open
  const storage: Storage = { catalogue, files: await openFiles(directory), openDigests, clock }
  const handle = createHandler(storage, createAdministration(token, storage))
  const server = createServer(LIMITS, (incoming, response) => void handle(incoming, response))
  // A client that waits to be asked for its body is asked once it is clear that it will be taken: see `payloadOf`.
  server.on('checkContinue', (incoming, response) => void handle(incoming, response))
  // Idle for two minutes; how long a transfer takes as a whole is not limited.
  server.setTimeout(2 * 60_000)
  const tidying = startTidying(storage, openedAt)

  return {
    listen: (port) => listen(server, port),
    close: async () => {
      clearInterval(tidying)
      const done = new Promise((resolve) => server.close(resolve))
      // Clients keep connections open behind their last answer.
      const closing = setInterval(() => server.closeIdleConnections(), 50)
      const atLast = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX)
      await done
      clearInterval(closing)
      clearTimeout(atLast)
      await digestThreads.close()
      await catalogue.close()
    },
  }
}

const LIMITS = {
  requestTimeout: 0,
  headersTimeout: 30_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32 * 1024,
  highWaterMark: 256 * 1024,
  noDelay: true,
}

const CLOSE_MS_MAX = 5000

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Removes what a crash has left at once, and unfinished uploads every hour. */
function startTidying(storage: Storage, openedAt: Date): NodeJS.Timeout {
  const { catalogue, files, clock } = storage
  const report = (error: unknown): void => console.error('bug:', error)
  files.sweep(catalogue.files(), openedAt).catch(report)
  const forgetOldUploads = async (): Promise<void> => {
    const before = new Date(clock().getTime() - UPLOAD_MS_MAX)
    for (const { id } of catalogue.uploads.before(before)) {
      await files.remove(await catalogue.transaction(() => catalogue.uploads.remove(id)))
    }
  }
  return setInterval(() => void forgetOldUploads().catch(report), 60 * 60_000).unref()
}

/** Clients that come back after a week begin anew. */
const UPLOAD_MS_MAX = 7 * 24 * 60 * 60_000
