import { colourName } from '../names.ts'
import type { Provider, Service } from '../provider.ts'
import { BUCKETEER_PLANS, CLOUDCUBE_PLANS, type StoragePlan } from './plans.ts'
import { BucketResource, draftBucket, withNewKey } from './resource.ts'
import type { ObjectStorageServer } from './server.ts'

/** What sets the services apart that sell the same thing. */
type Shop = Readonly<{
  service: Omit<Service, 'plans'> & Readonly<{ plans: readonly StoragePlan[] }>
  attachmentName: string
  vars: (resource: BucketResource) => Record<string, string>
}>

const ENDPOINT = 'http://{{endpoint:storage}}'
/** Programs must name one to sign with; ours takes any. */
const REGION = 'us-east-1'

const BUCKETEER: Shop = {
  service: {
    name: 'bucketeer',
    humanName: 'Bucketeer',
    plans: BUCKETEER_PLANS,
    defaultPlan: 'hobbyist',
    addonPrefix: 'bucketeer',
  },
  attachmentName: 'BUCKETEER',
  vars: ({ bucket, accessKeyId, secretAccessKey }) => ({
    BUCKET_NAME: bucket,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: REGION,
    ENDPOINT,
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
  vars: ({ bucket, accessKeyId, secretAccessKey }) => ({
    URL: `${ENDPOINT}/${bucket}`,
    ACCESS_KEY_ID: accessKeyId,
    SECRET_ACCESS_KEY: secretAccessKey,
    REGION,
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
        ? [colourName(shop.attachmentName, attachments)]
        : [shop.attachmentName],
    draft: draftBucket,
    provision: async (resource, plan) => {
      const { bucket, accessKeyId, secretAccessKey } = BucketResource.parse(resource)
      const quotaBytes = quotaOf(shop, plan)
      await server.setBucket(bucket, { quotaBytes, accessKeyId, secretAccessKey })
    },
    deprovision: (resource) => server.removeBucket(BucketResource.parse(resource).bucket),
    rotate: (resource) => withNewKey(BucketResource.parse(resource)),
    configVars: (resource, { name }) => {
      const vars = Object.entries(shop.vars(BucketResource.parse(resource)))
      return {
        ...Object.fromEntries(vars.map(([key, value]) => [`${name}_${key}`, value])),
        // For programs that know no endpoint of their own.
        AWS_ENDPOINT_URL_S3: ENDPOINT,
      }
    },
    namespaces: () => [],
    endpoints: () => {
      const storage = server.endpoint()
      return storage === undefined ? {} : { storage }
    },
    start: server.start,
    close: async () => server.close(),
  }
}

/** @throws TypeError for a plan that there is none of: the catalogue has checked it before */
function quotaOf({ service }: Shop, plan: string): number {
  const found = service.plans.find(({ name }) => name === plan)
  if (found === undefined) throw new TypeError(`there is no plan ${plan}`)
  return found.quotaBytes
}
