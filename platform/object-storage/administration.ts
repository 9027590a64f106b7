import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { s3Problem } from './problems.ts'
import { isBucketName } from './request-target.ts'
import type { Storage } from './request.ts'
import { sha256 } from './signature-v4.ts'

/** Answers under `/-/`, which no bucket can be called. */
export type Administration = (incoming: IncomingMessage, response: ServerResponse) => Promise<void>

const BucketSettings = z.object({
  quotaBytes: z.int().positive(),
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,32}$/),
  secretAccessKey: z.string().min(32).max(128),
})

/**
 * What the platform asks of us: `PUT /-/buckets/<name>` makes or changes a bucket with its
 * credential and quota, `DELETE` removes it with all it holds, `GET` returns how full it is.
 */
export function createAdministration(token: string, storage: Storage): Administration {
  return async (incoming, response) => {
    if (!isRightToken(incoming.headers.authorization ?? '', token)) {
      throw s3Problem('access_denied', 'Access Denied')
    }
    if (incoming.url === '/-/health') return answer(response, { pid: process.pid })
    const name = /^\/-\/buckets\/([^/?]+)$/.exec(incoming.url ?? '')?.[1] ?? ''
    if (!isBucketName(name)) throw s3Problem('invalid_argument', 'There is no such route.')
    const { catalogue, files } = storage
    switch (incoming.method) {
      case 'PUT': {
        const settings = BucketSettings.parse(JSON.parse(await readText(incoming)))
        await catalogue.transaction(() => {
          catalogue.buckets.set(name, settings.quotaBytes)
          catalogue.buckets.setCredential({ ...settings, bucket: name })
        })
        return answer(response, {})
      }
      case 'DELETE':
        await files.remove(await catalogue.transaction(() => removeBucket(name, catalogue)))
        return answer(response, {})
      case 'GET':
        return answer(response, { usedBytes: catalogue.buckets.find(name)?.usedBytes ?? 0 })
      default:
        throw s3Problem('method_not_allowed', 'There is no such route.')
    }
  }
}

function removeBucket(name: string, { buckets, objects, uploads }: Storage['catalogue']): string[] {
  const files = [...objects.filesIn(name), ...uploads.filesIn(name)]
  buckets.remove(name)
  return files
}

/** Digests first: they have the same length for any input. */
const isRightToken = (header: string, token: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(header)), Buffer.from(sha256(`Bearer ${token}`)))

async function readText(incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of incoming) {
    text += (chunk as Buffer).toString()
    if (text.length > 4096) throw s3Problem('invalid_request', 'The body is too long.')
  }
  return text
}

function answer(response: ServerResponse, content: object): void {
  const text = JSON.stringify(content)
  response.writeHead(200, { 'content-type': 'application/json' }).end(text)
}
