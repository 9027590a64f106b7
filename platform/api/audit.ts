import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import type { Store } from '../store/index.ts'
import { addressOf } from './address.ts'
import { isGit } from './scopes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request stands in the audit log already. */
    isAudited: boolean
  }
}

/** Notes every request that changes something in the audit log, before it is answered. */
export function keepAuditLog(api: FastifyInstance, store: Store): void {
  const limit = new Allowance(() => Date.now())
  api.decorateRequest('isAudited', false)
  const note = (request: FastifyRequest, status: number): void => {
    if (request.isAudited || !isWorthNoting(request.method, request.routeOptions.url)) return
    request.isAudited = true
    if (request.holder === null && !limit.take()) return
    store.auditLog.add(entryOf(request, status, store))
  }
  api.addHook('onSend', async (request, reply) => note(request, reply.statusCode))
  // Git answers by itself, so there is nothing to send.
  api.addHook('onResponse', async (request, reply) => note(request, reply.statusCode))
}

/** Reading is not noted, nor what only asks although it is a `POST`. */
export function isWorthNoting(method: string, route: string | undefined): boolean {
  if (route === undefined || method === 'GET' || method === 'HEAD') return false
  if (isGit(route)) return route.endsWith('/git-receive-pack')
  return !ASKS_ONLY.test(route)
}

const ASKS_ONLY = /^\/(filters|actions)\/|\/log-sessions$|^\/auth$/

function entryOf(request: FastifyRequest, status: number, store: Store) {
  const { holder, params, routeOptions } = request
  const names = params as Readonly<Record<string, string>>
  return {
    email: holder?.account.email ?? null,
    credential: holder?.authorization.description ?? null,
    address: addressOf(request),
    action: `${request.method} ${shownPath(routeOptions.url ?? '', names)}`,
    app: appIn(names, store),
    status,
  }
}

/** The path as it was asked for; what is secret keeps the name that it has in the route. */
export const shownPath = (route: string, params: Readonly<Record<string, string>>): string =>
  route.replace(/:(\w+)/g, (all, name: string) =>
    SECRET_PARAMS.has(name) ? all : (params[name] ?? all).slice(0, PARAM_LENGTH_MAX),
  )

const SECRET_PARAMS = new Set(['secret', 'token', 'login', 'invitation'])
const PARAM_LENGTH_MAX = 200

function appIn(params: Readonly<Record<string, string>>, store: Store): string | null {
  const key = params['app'] ?? params['repository']?.replace(/\.git$/, '')
  if (key === undefined) return null
  return (store.apps.find(key)?.name ?? key).slice(0, PARAM_LENGTH_MAX)
}

/** Requests without a valid token are noted so many times a minute: anyone can send them. */
class Allowance {
  readonly #now: () => number
  #minute = 0
  #used = 0

  constructor(now: () => number) {
    this.#now = now
  }

  take(): boolean {
    const minute = Math.floor(this.#now() / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#used = 0
    }
    this.#used++
    return this.#used <= ANONYMOUS_A_MINUTE
  }
}

const ANONYMOUS_A_MINUTE = 60
