import { problem } from '../../store/index.ts'
import type { BrokerResource } from './resource.ts'
import type { BrokerPlan } from './plans.ts'

/** RabbitMQ's management API, with the credentials of an administrator in its address. */
export type Management = Readonly<{
  /** Makes virtual host, user and limits as given, or changes those that are there. */
  ensure: (resource: BrokerResource, plan: BrokerPlan) => Promise<void>
  remove: (resource: BrokerResource) => Promise<void>
  /** Whether it answers and the broker listens. */
  isReady: () => Promise<boolean>
  /** @throws Problem `addon_unavailable` that says why it cannot be used */
  check: () => Promise<void>
}>

/**
 * @param url e.g. `http://admin:secret@127.0.0.1:15672`
 * @see https://www.rabbitmq.com/docs/management#http-api
 */
export function openManagement(url: string): Management {
  const { origin, username, password } = new URL(url)
  const authorization = `Basic ${Buffer.from(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  ).toString('base64')}`

  const ask = async (method: string, path: string, body?: object): Promise<Response> =>
    await fetch(`${origin}/api/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body && { body: JSON.stringify(body) }),
    })
  const demand = async (method: string, path: string, body?: object): Promise<void> => {
    const response = await ask(method, path, body).catch((cause: unknown) => {
      throw problem(
        'addon_unavailable',
        `RabbitMQ's management API at ${origin} does not answer.`,
        {
          cause,
          hint: 'Enable it (rabbitmq-plugins enable rabbitmq_management), or name its address in HOKKU_RABBITMQ_MANAGEMENT_URL.',
        },
      )
    })
    const text = await response.text()
    if (response.ok || (method === 'DELETE' && response.status === 404)) return
    throw problem(
      'addon_unavailable',
      `RabbitMQ's management API answered ${response.status}: ${text.slice(0, 200)}`,
      { hint: 'The user in HOKKU_RABBITMQ_URL must be an administrator.' },
    )
  }

  return {
    ensure: async ({ virtualHost, user, password: secret }, plan) => {
      await demand('PUT', `vhosts/${virtualHost}`, {})
      await demand('PUT', `users/${user}`, { password: secret, tags: '' })
      await demand('PUT', `permissions/${virtualHost}/${user}`, ALL)
      const limits = { 'max-connections': plan.connectionsMax, 'max-queues': plan.queuesMax }
      for (const [name, value] of Object.entries(limits)) {
        await demand('PUT', `vhost-limits/${virtualHost}/${name}`, { value })
      }
    },
    remove: async ({ virtualHost, user }) => {
      await demand('DELETE', `vhosts/${virtualHost}`)
      await demand('DELETE', `users/${user}`)
    },
    check: () => demand('GET', 'overview'),
    isReady: async () => {
      try {
        const response = await ask('GET', 'health/checks/local-alarms')
        // An alarm (memory, disk) is an answer too: a restart would not help.
        return response.ok || response.status === 503
      } catch {
        return false
      }
    },
  }
}

const ALL = { configure: '.*', write: '.*', read: '.*' }
const ANSWER_MS_MAX = 10_000
