import { problem } from '../../store/index.ts'
import type { SearchResource } from './resource.ts'

export type SearchServer = Readonly<{
  /** Finds out whether the cluster answers. */
  start: () => Promise<void>
  /** `host:port` for apps; undefined if no cluster is named. */
  endpoint: () => string | undefined
  /** `http:` or `https:`. */
  scheme: string
  /** Whether users can be made: the operator's address has credentials. */
  hasUsers: boolean
  /** Makes the user as given, or changes the one that is there. */
  setUser: (user: SearchResource) => Promise<void>
  removeUser: (user: SearchResource) => Promise<void>
}>

/**
 * The Elasticsearch that the operator names in `HOKKU_ELASTICSEARCH_URL`. We run none ourselves.
 *
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/group/endpoint-security
 */
export function createSearchServer(url: URL | undefined): SearchServer {
  const address = url === undefined ? undefined : addressOf(url)
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    if (address === undefined) throw unset()
    try {
      return await fetch(`${address.origin}${path}`, {
        method,
        headers: { ...authorization(address), 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        ...(body && { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      throw problem(
        'addon_unavailable',
        `The Elasticsearch of HOKKU_ELASTICSEARCH_URL at ${address.host} cannot be reached.`,
        { hint: `${reasonOf(cause)}. Check the address, then try again.`, cause },
      )
    }
  }
  const change = async (method: string, path: string, body?: object): Promise<void> => {
    const response = await call(method, path, body)
    const text = await response.text()
    if (response.ok || (method === 'DELETE' && response.status === 404)) return
    throw refused(response.status, text)
  }
  const hasUsers = address !== undefined && address.user !== ''
  return {
    start: async () => {
      const response = await call('GET', '/')
      const text = await response.text()
      if (!response.ok) throw refused(response.status, text)
      if (!text.includes('"cluster_name"')) throw notElasticsearch()
    },
    endpoint: () => address?.host,
    scheme: address?.scheme ?? 'http:',
    hasUsers,
    setUser: async ({ user, password }) => {
      await change('PUT', `/_security/role/${user}`, ROLE)
      await change('PUT', `/_security/user/${user}`, { password, roles: [user] })
    },
    removeUser: async ({ user }) => {
      await change('DELETE', `/_security/user/${user}`)
      await change('DELETE', `/_security/role/${user}`)
    },
  }
}

const ANSWER_MS_MAX = 10_000

/** All indices but the cluster's own: apps choose their names freely. */
const ROLE = {
  cluster: ['monitor', 'manage_index_templates'],
  indices: [{ names: ['*'], privileges: ['all'] }],
}

type Address = Readonly<{
  origin: string
  host: string
  scheme: string
  user: string
  password: string
}>

function addressOf(url: URL): Address {
  const host = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
  return {
    origin: `${url.protocol}//${host}`,
    host,
    scheme: url.protocol,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
}

function authorization({ user, password }: Address): Record<string, string> {
  if (user === '') return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

const unset = () =>
  problem(
    'addon_unavailable',
    'Bonsai is an Elasticsearch, and HOKKU_ELASTICSEARCH_URL names none.',
    {
      hint: 'Set HOKKU_ELASTICSEARCH_URL to one of yours, e.g. https://elastic:secret@search.example:9200, and run hokku up again.',
    },
  )

const refused = (status: number, text: string) =>
  problem('addon_unavailable', `Elasticsearch answered ${status}: ${text.slice(0, 200)}`, {
    hint: 'The user in HOKKU_ELASTICSEARCH_URL must be allowed to manage users (manage_security); without a user in it, apps share the cluster as it is.',
  })

const notElasticsearch = () =>
  problem('addon_unavailable', 'The server at HOKKU_ELASTICSEARCH_URL is not Elasticsearch.')

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error & { code?: string } }
  return cause?.code ?? cause?.message ?? message
}
