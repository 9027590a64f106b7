import { EXAMPLE_ROUTES } from './example-routes.ts'

/**
 * What a `custom.py` of the original contains, by reading its text: it is not run here.
 *
 * @returns a notice that names each function that needs a port, and the paths it answered
 */
export function describePython(source: string): { notice: string; routes: string[] } {
  const routes: string[] = []
  const parts: string[] = []
  let pending: string[] = []
  for (const line of source.split(/\r\n|\r|\n/)) {
    const route = /^\s*@\w+\.route\(\s*(['"])(.*?)\1/.exec(line)?.[2]
    if (route !== undefined) pending.push(route)
    const name = /^def\s+(\w+)\s*\(/.exec(line)?.[1]
    if (name === undefined) continue
    if (pending.length > 0 || SPECIAL.includes(name)) parts.push([name, ...pending].join(' at '))
    routes.push(...pending)
    pending = []
  }
  const list = parts.length > 0 ? parts.join(', ') : 'nothing that the study needs'
  const known = routes.filter((route) => Object.hasOwn(EXAMPLE_ROUTES, route))
  const meanwhile =
    known.length > 0 ? ` Until then ${known.join(' and ')} answer as in psiTurk's example.` : ''
  return {
    notice: `custom.py is Python and is not run. To be ported to custom.ts: ${list}.${meanwhile}`,
    routes,
  }
}

/** Functions that the original calls by name. */
const SPECIAL: readonly string[] = ['init_app', 'custom_get_condition']
