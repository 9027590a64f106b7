/**
 * The host name in a `Host` header: lower case, without port and trailing dot; an IPv6 address
 * without its brackets. Undefined for what is not a host.
 */
export function hostOf(header: string): string | undefined {
  const plain = PLAIN.exec(header)
  if (plain !== null) return lower(plain[1] ?? '')
  const bracketed = BRACKETED.exec(header)
  return bracketed === null ? undefined : lower(bracketed[1] ?? '')
}

const PLAIN = /^([\w-]+(?:\.[\w-]+)*)\.?(?::\d{0,5})?$/
const BRACKETED = /^\[([\da-f:.]{2,45})\](?::\d{0,5})?$/i

const lower = (name: string): string => name.toLowerCase()

/** The names under which the control plane is reached, and everything else that is no app's. */
export const apiHosts = (domain: string, bind: string | null): ReadonlySet<string> =>
  new Set(['localhost', '127.0.0.1', '::1', domain, ...(bind === null ? [] : [bind])])
