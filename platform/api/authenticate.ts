import type { FastifyRequest } from '@hokku/kit/http'
import type { Store } from '../store/index.ts'

/** Who a request is from: a Bearer token, or Basic with the token as password (git, pg:credentials). */
export function authenticate(request: FastifyRequest, store: Store): FastifyRequest['holder'] {
  const token = tokenOf(request.headers.authorization)
  return token === undefined ? null : (store.accounts.holderOf(token) ?? null)
}

/** The token in an Authorization header, of any scheme. */
export function tokenOf(header: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (header ?? '').split(' ')
  if (scheme.toLowerCase() === 'bearer') return value === 'undefined' ? undefined : value
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return password.join(':')
}
