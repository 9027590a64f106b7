/** As on Heroku. */
const COOKIE = 'heroku-session-affinity'

/** The instance that served a client before, by its cookies. */
export function servedBefore(cookies: string | undefined): string | undefined {
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}

/** Header that leads a client's next requests to the same instance; name and value alternate. */
export const affinityHeader = (instanceId: string): string[] => [
  'Set-Cookie',
  `${COOKIE}=${instanceId}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax`,
]

/** A day: no dyno lives much longer. */
const COOKIE_SECONDS = 86_400
