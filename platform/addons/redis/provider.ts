import { colorName } from '../names.ts'
import type { Provider } from '../provider.ts'
import { planNamed, type RedisService } from './plans.ts'
import { draftRedis, RedisResource, withNewPassword } from './resource.ts'
import type { RedisServers } from './servers.ts'

const INSTEAD = {
  fork: 'A copy of a Redis cannot be made here: create one, and fill it from the app.',
  version: 'Leave it out: the version is that of the redis-server of this machine.',
}

/** heroku-redis and its like: each add-on has its own small Redis. */
export function redisProvider(service: RedisService, servers: RedisServers): Provider {
  const { attachment, ...shown } = service
  return {
    service: { ...shown, instead: INSTEAD },
    attachmentNames: ({ attachments }) =>
      attachments.includes(attachment) ? [colorName(attachment, attachments)] : [attachment],
    draft: draftRedis,
    provision: async (resource, plan) => {
      await servers.ensure(RedisResource.parse(resource), planNamed(service, plan))
    },
    deprovision: (resource) => servers.remove(RedisResource.parse(resource)),
    rotate: (resource) => withNewPassword(RedisResource.parse(resource)),
    configVars: (resource, { name }) => {
      const { name: server, password } = RedisResource.parse(resource)
      return {
        [`${name}_URL`]: `redis://:${password}@{{endpoint:redis-${server}}}`,
        [`${name}_TLS_URL`]: `rediss://:${password}@{{endpoint:redis-${server}-tls}}`,
      }
    },
    namespaces: () => [],
    endpoints: () => servers.endpoints(),
    start: () => servers.start(),
    close: async () => servers.close(),
  }
}
