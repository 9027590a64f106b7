import { isGit } from './scopes.ts'

/**
 * What a collaborator may do with an app, as on Heroku: `view` it; `deploy` code and config vars,
 * and run programs that see them; `operate` its dynos, add-ons, domains and logs; `manage` its
 * people and the app as a whole, which includes the rest.
 *
 * @see https://devcenter.heroku.com/articles/app-permissions
 */
export const PERMISSIONS = ['view', 'deploy', 'operate', 'manage'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Whether one of the permissions that someone has includes what is needed. */
export const permits = (granted: readonly string[], needed: Permission): boolean =>
  granted.includes(needed) || granted.includes('manage')

/** The permissions in a stored list, e.g. `deploy,view`; everyone with a permission may view. */
export const permissionsOf = (stored: string): Permission[] =>
  PERMISSIONS.filter((one) => one === 'view' || stored.split(',').includes(one))

/** What a request on an app or on something of an app's needs. */
export function neededPermission(method: string, route: string): Permission {
  const isRead = method === 'GET' || method === 'HEAD'
  if (isGit(route)) {
    return method === 'PUT' || route.endsWith('/git-receive-pack') ? 'deploy' : 'view'
  }
  if (isRead) return SECRETS.test(route) ? 'deploy' : 'view'
  if (ASKS_ONLY.test(route)) return 'view'
  if (PEOPLE.test(route) || (method === 'DELETE' && route === '/apps/:app')) return 'manage'
  if (method === 'POST' && route === '/apps/:app/dynos') return 'deploy'
  return CODE.test(route) ? 'deploy' : 'operate'
}

/** Reading these shows passwords, or the code. */
const SECRETS = /\/(config-vars|config|credentials|slugs|databases)(\/|$)/

/** Sent with a body, yet change nothing. */
const ASKS_ONLY = /^\/(actions\/[\w-]+\/resolve|filters\/.*|apps\/:app\/log-sessions)$/

const PEOPLE = /\/collaborators(\/|$)/

const CODE =
  /^(\/dashboard)?\/apps\/:app\/(builds|releases|slugs|sources|scheduler|config-vars?|buildpack-installations)(\/|$)/
