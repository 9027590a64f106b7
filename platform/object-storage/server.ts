import { createServer, type Server } from 'node:http'
import { createAdministration } from './administration.ts'
import { Catalogue } from './catalogue.ts'
import { openFiles } from './files.ts'
import { createHandler } from './handler.ts'
import type { Storage } from './request.ts'

export type StorageOptions = Readonly<{
  /** Everything lies below it. */
  directory: string
  /** What the platform shows to make buckets. */
  token: string
  clock?: () => Date
}>

export type StorageServer = Readonly<{
  listen: (port: number) => Promise<number>
  close: () => Promise<void>
}>

/** An S3 server on files of this machine. */
export async function openStorageServer(options: StorageOptions): Promise<StorageServer> {
  const { directory, token, clock = () => new Date() } = options
  const openedAt = new Date()
  const catalogue = new Catalogue(directory)
  const storage: Storage = { catalogue, files: await openFiles(directory), clock }
  const handle = createHandler(storage, createAdministration(token, storage))
  const server = createServer(LIMITS, (incoming, response) => void handle(incoming, response))
  // Idle for two minutes; how long a transfer takes as a whole is nobody's business.
  server.setTimeout(2 * 60_000)
  const tidying = startTidying(storage, openedAt)

  return {
    listen: (port) => listen(server, port),
    close: async () => {
      clearInterval(tidying)
      server.closeIdleConnections()
      const done = new Promise((resolve) => server.close(resolve))
      setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX).unref()
      await done
      catalogue.close()
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

/** Removes what a crash has left at once, and uploads that nobody finished every hour. */
function startTidying(storage: Storage, openedAt: Date): NodeJS.Timeout {
  const { catalogue, files, clock } = storage
  const report = (error: unknown): void => console.error('bug:', error)
  files.sweep(catalogue.files(), openedAt).catch(report)
  return setInterval(() => {
    for (const { upload } of catalogue.uploadsBefore(new Date(clock().getTime() - UPLOAD_MS_MAX))) {
      files.remove(catalogue.transaction(() => catalogue.removeUpload(upload.id))).catch(report)
    }
  }, 60 * 60_000).unref()
}

/** Clients that come back after a week begin anew. */
const UPLOAD_MS_MAX = 7 * 24 * 60 * 60_000
