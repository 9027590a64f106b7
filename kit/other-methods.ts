import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import type { Problem } from './problem.ts'

export type OtherMethodsOptions = Readonly<{
  /** The product's own Problem of status 405; `allowed` is what the header `Allow` says. */
  refuse: (allowed: readonly string[], request: FastifyRequest) => Problem
  /** Answers `OPTIONS` with the list as well; then `Allow` names HEAD and OPTIONS too. */
  listsOptions?: boolean
}>

/**
 * Answers 405 with `Allow` at every address that has routes, for the methods that it lacks. The list
 * comes from the routes themselves: call `watchRoutes` before the first and this after the last.
 *
 * @example
 * const routes = watchRoutes(app)
 * app.post('/events', handler)
 * answerOtherMethods(app, routes, {
 *   refuse: (allowed) => problem('method_not_allowed', `Use ${allowed.join(' or ')}.`),
 * })
 */
export function answerOtherMethods(
  app: FastifyInstance,
  routes: RouteTable,
  { refuse, listsOptions = false }: OtherMethodsOptions,
): void {
  for (const { url, methods } of routes.values()) {
    const known = METHODS.filter((method) => methods.has(method))
    if (known.length === 0) continue
    const shown = listsOptions ? METHODS_LISTED.filter((one) => isListed(one, methods)) : known
    const others: HTTPMethods[] = METHODS.filter((method) => !methods.has(method))
    if (listsOptions && !methods.has('OPTIONS')) others.push('OPTIONS')
    if (others.length === 0) continue
    app.route({
      method: others,
      url,
      onRequest: async (request, reply) => {
        void reply.header('allow', shown.join(', '))
        if (request.method !== 'OPTIONS') throw refuse(shown, request)
      },
      handler: async () => '',
    })
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const METHODS_LISTED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

const isListed = (method: string, methods: ReadonlySet<string>): boolean =>
  method === 'OPTIONS' || methods.has(method === 'HEAD' ? 'GET' : method)

/** By address, regardless of the names of its parameters. */
export type RouteTable = ReadonlyMap<
  string,
  Readonly<{ url: string; methods: ReadonlySet<string> }>
>

/** A table that fills as routes are added to the app. */
export function watchRoutes(app: FastifyInstance): RouteTable {
  const table = new Map<string, { url: string; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const key = url.replaceAll(/:\w+/g, ':')
    const entry = table.get(key) ?? { url, methods: new Set() }
    for (const one of [method].flat()) entry.methods.add(one)
    table.set(key, entry)
  })
  return table
}
