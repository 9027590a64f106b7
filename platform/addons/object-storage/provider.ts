import { colorName } from '../names.ts'
import type { Provider, Service } from '../provider.ts'
import { BUCKETEER_PLANS, CLOUDCUBE_PLANS, type StoragePlan } from './plans.ts'
import { BucketResource, draftBucket, withNewKey } from './resource.ts'
import type { ObjectStorageServer } from './contract.ts'

/** What sets the services apart that sell the same thing. */
type Shop = Readonly<{
  service: Omit<Service, 'plans'> & Readonly<{ plans: readonly StoragePlan[] }>
  attachmentName: string
  vars: (place: Place) => Record<string, string>
}>

const ADDRESS = '{{endpoint:storage}}'

/** Where a bucket is, as its apps see it. */
type Place = Readonly<{ resource: BucketResource; endpoint: string; region: string }>

const BUCKETEER: Shop = {
  service: {
    name: 'bucketeer',
    humanName: 'Bucketeer',
    plans: BUCKETEER_PLANS,
    defaultPlan: 'hobbyist',
    addonPrefix: 'bucketeer',
  },
  attachmentName: 'BUCKETEER',
  vars: ({ resource, endpoint, region }) => ({
    BUCKET_NAME: resource.bucket,
    AWS_ACCESS_KEY_ID: resource.accessKeyId,
    AWS_SECRET_ACCESS_KEY: resource.secretAccessKey,
    AWS_REGION: region,
    ENDPOINT: endpoint,
  }),
}

const CLOUDCUBE: Shop = {
  service: {
    name: 'cloudcube',
    humanName: 'Cloudcube',
    plans: CLOUDCUBE_PLANS,
    defaultPlan: 'mini',
    addonPrefix: 'cloudcube',
  },
  attachmentName: 'CLOUDCUBE',
  vars: ({ resource, endpoint, region }) => ({
    URL: `${endpoint}/${resource.bucket}`,
    ACCESS_KEY_ID: resource.accessKeyId,
    SECRET_ACCESS_KEY: resource.secretAccessKey,
    REGION: region,
  }),
}

/** Buckets on one server, under the names and config vars that programs know. */
export const objectStorageProviders = (server: ObjectStorageServer): Provider[] =>
  [BUCKETEER, CLOUDCUBE].map((shop) => storageProvider(shop, server))

function storageProvider(shop: Shop, server: ObjectStorageServer): Provider {
  return {
    service: shop.service,
    attachmentNames: ({ attachments }) =>
      attachments.includes(shop.attachmentName)
        ? [colorName(shop.attachmentName, attachments)]
        : [shop.attachmentName],
    draft: draftBucket,
    provision: async (resource, plan) => {
      const { bucket, ...key } = BucketResource.parse(resource)
      const quotaBytes = quotaOf(shop, plan)
      return { bucket, ...(await server.setBucket(bucket, { quotaBytes, ...key })) }
    },
    deprovision: (resource) => server.removeBucket(BucketResource.parse(resource).bucket),
    rotate: (resource) => withNewKey(BucketResource.parse(resource)),
    configVars: (resource, { name }) => {
      const endpoint = `${server.scheme}//${ADDRESS}`
      const vars = shop.vars({
        resource: BucketResource.parse(resource),
        endpoint,
        region: server.region,
      })
      return {
        ...Object.fromEntries(
          Object.entries(vars).map(([key, value]) => [`${name}_${key}`, value]),
        ),
        // For programs that have no endpoint variable.
        AWS_ENDPOINT_URL_S3: endpoint,
      }
    },
    namespaces: () => [],
    endpoints: () => {
      const storage = server.endpoint()
      return storage === undefined ? {} : { storage }
    },
    start: () => server.start(),
    close: async () => server.close(),
  }
}

/** @throws TypeError for a plan that there is none of: the catalogue has checked it before */
function quotaOf({ service }: Shop, plan: string): number {
  const found = service.plans.find(({ name }) => name === plan)
  if (found === undefined) throw new TypeError(`there is no plan ${plan}`)
  return found.quotaBytes
}
