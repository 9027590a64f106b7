import { openBuckets } from './buckets.ts'
import type { ExternalStorage } from './config.ts'
import { openUsers } from './users.ts'
import type { ObjectStorageServer } from './contract.ts'

/**
 * Buckets on a server of the operator's. Each has a user of its own where the server can make users;
 * otherwise every app gets the operator's key.
 */
export function createExternalServer(options: ExternalStorage): ObjectStorageServer {
  const { endpoint, region, accessKeyId, secretAccessKey } = options
  // Programs on the cloud refuse "localhost"; see decisions on addresses.
  const hostname = endpoint.hostname === 'localhost' ? '127.0.0.1' : endpoint.hostname
  const port = endpoint.port || (endpoint.protocol === 'https:' ? '443' : '80')
  const buckets = openBuckets(options)
  const users = options.iamEndpoint && openUsers(options, options.iamEndpoint)
  let hasAnswered = false

  return {
    start: async () => {
      if (hasAnswered) return
      await buckets.check()
      hasAnswered = true
    },
    endpoint: () => `${hostname}:${port}`,
    scheme: endpoint.protocol,
    region,
    setBucket: async (name, { accessKeyId: id, secretAccessKey: secret }) => {
      await buckets.make(name)
      if (users === undefined) return { accessKeyId, secretAccessKey }
      return await users.make(name, { accessKeyId: id, secretAccessKey: secret })
    },
    removeBucket: async (name) => {
      await buckets.remove(name)
      await users?.remove(name)
    },
    close: () => {},
  }
}
