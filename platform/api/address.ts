import type { FastifyRequest } from '@hokku/kit/http'

/** The last address in the chain is the one that our router saw; the others anyone can make up. */
export function addressOf(request: FastifyRequest): string {
  const chain = request.headers['x-forwarded-for']
  const last = (typeof chain === 'string' ? chain : '').split(',').at(-1)?.trim() ?? ''
  return last === '' ? request.ip || 'this machine' : last
}
