import { createHash } from 'node:crypto'
import {
  childrenOf,
  corsXml,
  DEFAULT_CORS,
  escapeText,
  parseXml,
  textOf,
  writeXml,
} from '../../object-storage/index.ts'
import type { ExternalStorage } from './config.ts'
import { openSignedClient, refused, type Answer } from './signed-client.ts'

/** Buckets of an S3 server, made and removed as its owner. */
export function openBuckets(options: ExternalStorage) {
  const { endpoint, region } = options
  const setting = 'HOKKU_S3_ENDPOINT'
  const ask = openSignedClient(options, { service: 's3', region, setting })
  const url = (path: string): URL => new URL(`${endpoint.href.replace(/\/$/, '')}/${path}`)
  /** A document with the digest that S3 wants of it. */
  const send = (method: string, path: string, body: string): Promise<Answer> =>
    ask(url(path), {
      method,
      headers: {
        'content-type': 'application/xml',
        'content-md5': createHash('md5').update(body).digest('base64'),
      },
      body,
    })

  /** @returns whether there was anything */
  const removeSome = async (name: string): Promise<boolean> => {
    const listed = await ask(url(`${name}?list-type=2`))
    if (listed.status === 404) return false
    if (listed.status !== 200) throw refused(`Listing ${name}`, listed)
    const keys = childrenOf(parseXml(listed.text), 'Contents').flatMap((item) =>
      // Not trimmed: a key may begin or end with white space.
      childrenOf(item, 'Key').map(({ text }) => text),
    )
    if (keys.length === 0) return false
    const items = keys.map((key) => `<Object><Key>${escapeText(key)}</Key></Object>`).join('')
    const done = await send(
      'POST',
      `${name}?delete`,
      `<Delete><Quiet>true</Quiet>${items}</Delete>`,
    )
    if (done.status !== 200 || done.text.includes('<Error>'))
      throw refused(`Emptying ${name}`, done)
    return true
  }

  const abortUploads = async (name: string): Promise<void> => {
    const listed = await ask(url(`${name}?uploads`))
    if (listed.status !== 200) return
    for (const upload of childrenOf(parseXml(listed.text), 'Upload')) {
      const key = childrenOf(upload, 'Key')[0]?.text ?? ''
      const path = key.split('/').map(encodeURIComponent).join('/')
      const id = encodeURIComponent(textOf(upload, 'UploadId') ?? '')
      await ask(url(`${name}/${path}?uploadId=${id}`), { method: 'DELETE' })
    }
  }

  return {
    /** @throws Problem `addon_unavailable` if nobody answers there, or not to this key */
    check: async (): Promise<void> => {
      await ask(url(''))
    },

    /** Whether it is there or not. Pages of any origin may use addresses that are signed for it. */
    make: async (name: string): Promise<void> => {
      const place = region === 'us-east-1' ? '' : locationXml(region)
      const made = await send('PUT', name, place)
      if (made.status !== 200 && made.code !== 'BucketAlreadyOwnedByYou') {
        throw refused(`Making the bucket ${name}`, made)
      }
      // Not every server knows such rules; those that do not have none to keep pages out.
      await send('PUT', `${name}?cors`, writeXml('CORSConfiguration', corsXml(DEFAULT_CORS)))
    },

    remove: async (name: string): Promise<void> => {
      await abortUploads(name)
      while (await removeSome(name));
      const gone = await ask(url(name), { method: 'DELETE' })
      if (gone.status >= 300 && gone.status !== 404) throw refused(`Removing ${name}`, gone)
    },
  }
}

const locationXml = (region: string): string =>
  writeXml('CreateBucketConfiguration', { LocationConstraint: region })
