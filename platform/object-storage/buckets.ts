import { Problem } from '@hokku/kit/problem'
import type { StoredObject } from './catalogue/index.ts'
import { checkDelete } from './conditions.ts'
import { corsXml, DEFAULT_CORS, parseCors, type CorsRule } from './cors.ts'
import { listPage } from './listing.ts'
import { s3Problem } from './problems.ts'
import { textBody, type Operation, type S3Request, type Storage } from './request.ts'
import { checkKey } from './request-target.ts'
import { bucketNamed } from './writes.ts'
import { childrenOf, parseXml, textOf, type Element } from './xml.ts'

/** The one bucket that a credential is for. */
export const listBuckets: Operation = ({ bucket }, { catalogue }) => {
  const { createdAt } = bucketNamed(bucket, catalogue)
  return {
    status: 200,
    xml: [
      'ListAllMyBucketsResult',
      {
        Owner: { ID: bucket, DisplayName: bucket },
        Buckets: { Bucket: [{ Name: bucket, CreationDate: createdAt.toISOString() }] },
      },
    ],
  }
}

/** Buckets come with add-ons: programs that make sure of theirs learn that it is there. */
export const createBucket: Operation = ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  return { status: 200, headers: { location: `/${bucket}` } }
}

/**
 * Any is accepted. This one is handed out because boto3 presigns with today's signature for it, and
 * for us-east-1 with one of 2006 that we do not take.
 */
export const REGION = 'eu-central-1'

export const headBucket: Operation = ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  return { status: 200, headers: { 'x-amz-bucket-region': REGION } }
}

export const bucketLocation: Operation = ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  return { status: 200, xml: ['LocationConstraint', REGION] }
}

export const bucketVersioning: Operation = ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  return { status: 200, xml: ['VersioningConfiguration', {}] }
}

/** ListObjects and ListObjectsV2. */
export const listObjects: Operation = (request, { catalogue }) => {
  const { bucket, query } = request
  bucketNamed(bucket, catalogue)
  const isV2 = query.get('list-type') === '2'
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const max = maxKeys(query)
  const page = listPage({ prefix, delimiter, after: placeOf(request, isV2), max }, (...where) =>
    catalogue.objects.from(bucket, ...where),
  )
  const asUrl = query.get('encoding-type') === 'url'
  const name = asUrl ? inUrl : (key: string) => key
  const owner = { ID: bucket, DisplayName: bucket }
  const showsOwner = !isV2 || query.get('fetch-owner') === 'true'
  return {
    status: 200,
    xml: [
      'ListBucketResult',
      {
        Name: bucket,
        Prefix: name(prefix),
        Delimiter: delimiter === '' ? undefined : name(delimiter),
        EncodingType: asUrl ? 'url' : undefined,
        MaxKeys: max,
        IsTruncated: page.next !== undefined,
        ...(isV2 ? placeV2(request, page) : placeV1(request, page, name)),
        Contents: page.objects.map((object) => ({
          ...listedObject(object, name),
          Owner: showsOwner ? owner : undefined,
        })),
        CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: name(common) })),
      },
    ],
  }
}

/** Every object is its only version; programs empty buckets by this list. */
export const listVersions: Operation = ({ bucket, query }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('key-marker') ?? ''
  const max = maxKeys(query)
  const page = listPage({ prefix, delimiter, after, max }, (...where) =>
    catalogue.objects.from(bucket, ...where),
  )
  const name = query.get('encoding-type') === 'url' ? inUrl : (key: string) => key
  return {
    status: 200,
    xml: [
      'ListVersionsResult',
      {
        Name: bucket,
        Prefix: name(prefix),
        Delimiter: delimiter === '' ? undefined : name(delimiter),
        KeyMarker: name(after),
        NextKeyMarker: page.next && name(page.next),
        NextVersionIdMarker: page.next && 'null',
        EncodingType: query.get('encoding-type') ?? undefined,
        MaxKeys: max,
        IsTruncated: page.next !== undefined,
        Version: page.objects.map((object) => ({
          ...listedObject(object, name),
          VersionId: 'null',
          IsLatest: true,
        })),
        CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: name(common) })),
      },
    ],
  }
}

const inUrl = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/')

const listedObject = (object: StoredObject, name: (key: string) => string) => ({
  Key: name(object.key),
  LastModified: object.modifiedAt.toISOString(),
  ETag: `"${object.etag}"`,
  Size: object.size,
  StorageClass: 'STANDARD',
})

function maxKeys(query: URLSearchParams): number {
  const text = query.get('max-keys') ?? '1000'
  if (!/^\d{1,9}$/.test(text)) throw s3Problem('invalid_argument', 'max-keys is not a number.')
  return Math.min(1000, Number(text))
}

function placeOf({ query }: S3Request, isV2: boolean): string {
  if (!isV2) return query.get('marker') ?? ''
  const token = query.get('continuation-token')
  if (token === null) return query.get('start-after') ?? ''
  const place = Buffer.from(token, 'base64url').toString('utf8')
  if (token === '' || Buffer.from(place).toString('base64url') !== token) {
    throw s3Problem('invalid_argument', 'The continuation token provided is incorrect')
  }
  return place
}

type Page = ReturnType<typeof listPage>

const placeV2 = ({ query }: S3Request, page: Page) => ({
  KeyCount: page.objects.length + page.commonPrefixes.length,
  ContinuationToken: query.get('continuation-token') ?? undefined,
  NextContinuationToken: page.next && Buffer.from(page.next).toString('base64url'),
  StartAfter: query.get('start-after') ?? undefined,
})

const placeV1 = ({ query }: S3Request, page: Page, name: (key: string) => string) => ({
  Marker: name(query.get('marker') ?? ''),
  NextMarker: page.next && name(page.next),
})

/** DeleteObjects: each key by itself; what is gone already counts as deleted. */
export const deleteObjects: Operation = async (request, { catalogue, files }) => {
  const { bucket } = request
  bucketNamed(bucket, catalogue)
  const root = parseXml(await textBody(request))
  const wanted = childrenOf(root, 'Object').map(deletionOf)
  if (wanted.length === 0 || wanted.length > 1000 || wanted.some(({ key }) => key === '')) {
    throw s3Problem('malformed_xml', 'Name from 1 to 1000 keys to delete.')
  }
  for (const { key } of wanted) checkKey(key)
  const results = await catalogue.transaction(() =>
    wanted.map(({ key, etag }) => {
      try {
        checkDelete(etag, catalogue.objects.find(bucket, key))
        return { key, gone: catalogue.objects.remove(bucket, key) }
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        return { key, gone: [], error }
      }
    }),
  )
  await files.remove(results.flatMap(({ gone }) => gone))
  const isQuiet = textOf(root, 'Quiet') === 'true'
  return {
    status: 200,
    xml: [
      'DeleteResult',
      {
        Deleted: results.flatMap(({ key, error }) =>
          isQuiet || error !== undefined ? [] : [{ Key: key }],
        ),
        Error: results.flatMap(({ key, error }) =>
          error === undefined ? [] : [{ Key: key, Code: error.id, Message: error.message }],
        ),
      },
    ],
  }
}

/** @throws Problem `no_such_version`, `not_implemented` for a condition that we do not know */
function deletionOf(object: Element): { key: string; etag: string | undefined } {
  const version = textOf(object, 'VersionId')
  if (version !== undefined && version.trim() !== 'null') {
    throw s3Problem('no_such_version', 'The specified version does not exist.')
  }
  const unknown = object.children.find(({ name }) => !['Key', 'VersionId', 'ETag'].includes(name))
  if (unknown !== undefined) {
    throw s3Problem('not_implemented', `${unknown.name} is not supported in a list of deletions.`)
  }
  // Not trimmed: a key may begin or end with white space.
  return { key: childrenOf(object, 'Key')[0]?.text ?? '', etag: textOf(object, 'ETag') }
}

export const corsOf = (
  bucket: string,
  { catalogue }: Pick<Storage, 'catalogue'>,
): readonly CorsRule[] => {
  const kept = catalogue.buckets.find(bucket)?.cors ?? null
  return kept === null ? DEFAULT_CORS : (JSON.parse(kept) as CorsRule[])
}

export const getCors: Operation = ({ bucket }, storage) => {
  bucketNamed(bucket, storage.catalogue)
  return { status: 200, xml: ['CORSConfiguration', corsXml(corsOf(bucket, storage))] }
}

export const putCors: Operation = async (request, { catalogue }) => {
  bucketNamed(request.bucket, catalogue)
  const rules = parseCors(await textBody(request))
  await catalogue.transaction(() =>
    catalogue.buckets.setCors(request.bucket, JSON.stringify(rules)),
  )
  return { status: 200 }
}

export const deleteCors: Operation = async ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  await catalogue.transaction(() => catalogue.buckets.setCors(bucket, null))
  return { status: 204 }
}
