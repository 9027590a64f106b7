import { colorName } from '../names.ts'
import type { Provider } from '../provider.ts'
import { DEFAULT_PLAN, PLANS } from './plans.ts'
import { draftUser, SearchResource, withNewPassword } from './resource.ts'
import type { SearchServer } from './server.ts'

/** bonsai: each add-on gets its own user, on the operator's Elasticsearch. */
export function bonsaiProvider(server: SearchServer): Provider {
  return {
    service: {
      name: 'bonsai',
      humanName: 'Bonsai Elasticsearch',
      plans: PLANS,
      defaultPlan: DEFAULT_PLAN,
      addonPrefix: 'bonsai',
      // The version here is that of the operator's cluster; scripts written for Heroku name one.
      options: ['version'],
    },
    attachmentNames: ({ attachments }) =>
      attachments.includes('BONSAI') ? [colorName('BONSAI', attachments)] : ['BONSAI'],
    draft: draftUser,
    provision: async (resource) => {
      if (server.hasUsers) await server.setUser(SearchResource.parse(resource))
    },
    deprovision: async (resource) => {
      if (server.hasUsers) await server.removeUser(SearchResource.parse(resource))
    },
    rotate: (resource) => withNewPassword(SearchResource.parse(resource)),
    configVars: (resource, { name }) => {
      const { user, password } = SearchResource.parse(resource)
      const credentials = server.hasUsers ? `${user}:${password}@` : ''
      return { [`${name}_URL`]: `${server.scheme}//${credentials}{{endpoint:elasticsearch}}` }
    },
    namespaces: () => [],
    endpoints: () => {
      const elasticsearch = server.endpoint()
      return elasticsearch === undefined ? {} : { elasticsearch }
    },
    start: server.start,
    close: async () => {},
  }
}
