import type { Authorization } from '../store/index.ts'

/**
 * What a token may be used for. `read` and `write` leave out what is protected: config vars,
 * releases, credentials of databases, and starting programs that see them.
 *
 * @see https://devcenter.heroku.com/articles/oauth#scopes
 */
export const SCOPES = [
  'global',
  'identity',
  'read',
  'write',
  'read-protected',
  'write-protected',
] as const
export type Scope = (typeof SCOPES)[number]

/** Whether a token with these scopes may make a request, e.g. `GET /apps/:app/config-vars`. */
export function scopesAllow(granted: readonly Scope[], method: string, route: string): boolean {
  const needed = neededScope(method, route)
  return granted.some((scope) => scope === 'global' || INCLUDED[scope].includes(needed))
}

/** The narrowest scope that a request needs. */
export function neededScope(method: string, route: string): Scope {
  const isRead = method === 'GET' || method === 'HEAD'
  if (isGit(route)) return isRead || FETCHES.test(route) ? 'read' : 'write-protected'
  if (isRead && IDENTITY.test(route)) return 'identity'
  // Tokens, keys, the installation itself, pages of the dashboard: for whole accounts only.
  if (!RESOURCES.test(route)) return 'global'
  const isProtected = PROTECTED.test(route) || (!isRead && STARTS_PROGRAMS.test(route))
  if (isRead) return isProtected ? 'read-protected' : 'read'
  return isProtected ? 'write-protected' : 'write'
}

/** What each scope includes besides itself. */
const INCLUDED: Readonly<Record<Exclude<Scope, 'global'>, readonly Scope[]>> = {
  identity: ['identity'],
  read: ['read'],
  write: ['read', 'write'],
  'read-protected': ['read', 'read-protected'],
  'write-protected': ['read', 'write', 'read-protected', 'write-protected'],
}

const IDENTITY = /^\/(account|users\/:user)$/

/** Apps and what belongs to them. Any other route needs a token without limits. */
const RESOURCES =
  /^\/(apps|users\/:user\/apps|filters|addons|addon-attachments|addon-services|addon-regions|builds|buildpacks|client|data|postgres|redis|actions|dyno-sizes|regions|stacks|sources|pipelines|pipeline-couplings|pipeline-promotions|app-setups|review-apps|test-runs|telemetry-drains|generations|plans|schema)(\/|$)/

/** Values of config vars, and what leads to them. */
const PROTECTED =
  /\/(config-vars|config|releases|credentials|slugs|databases|transfers|collaborators)(\/|$)/

/** A program of the app sees its config vars, and its output can be read. */
const STARTS_PROGRAMS =
  /^\/(apps\/:app\/(dynos|builds|releases|slugs|domains|formation|scheduler)|pipeline-promotions|app-setups|review-apps|test-runs)(\/|$)/

/** Git LFS asks where files are before it sends or fetches them. */
const FETCHES = /\/(git-upload-pack|info\/lfs\/objects\/batch)$/

/** git's smart HTTP protocol. */
export const isGit = (route: string): boolean => route.startsWith('/:repository/')

/** The scopes of a token. What an older version wrote is one word. */
export const scopesOf = ({ scope }: Pick<Authorization, 'scope'>): Scope[] =>
  SCOPES.filter((one) => scope.split(',').includes(one))
