import { colorName } from '../names.ts'
import type { Provider } from '../provider.ts'
import { DEFAULT_PLAN, planNamed, PLANS } from './plans.ts'
import { BrokerResource, draftBroker, withNewPassword } from './resource.ts'
import type { BrokerServer } from './server.ts'

/** cloudamqp: each add-on gets its own virtual host and user, on one shared RabbitMQ. */
export function rabbitmqProvider(server: BrokerServer): Provider {
  return {
    service: {
      name: 'cloudamqp',
      humanName: 'CloudAMQP',
      plans: PLANS,
      defaultPlan: DEFAULT_PLAN,
      addonPrefix: 'cloudamqp',
    },
    attachmentNames: ({ attachments }) =>
      attachments.includes('CLOUDAMQP') ? [colorName('CLOUDAMQP', attachments)] : ['CLOUDAMQP'],
    draft: draftBroker,
    provision: async (resource, plan) =>
      (await server.management()).ensure(BrokerResource.parse(resource), planNamed(plan)),
    deprovision: async (resource) =>
      (await server.management()).remove(BrokerResource.parse(resource)),
    rotate: (resource) => withNewPassword(BrokerResource.parse(resource)),
    configVars: (resource, { name }) => {
      const { virtualHost, user, password } = BrokerResource.parse(resource)
      const url = `${server.scheme}//${user}:${password}@{{endpoint:rabbitmq}}/${virtualHost}`
      return { [`${name}_URL`]: url }
    },
    namespaces: () => [],
    endpoints: () => {
      const rabbitmq = server.endpoint()
      return rabbitmq === undefined ? {} : { rabbitmq }
    },
    start: server.start,
    close: async () => server.close(),
  }
}
