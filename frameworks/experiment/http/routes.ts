import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One address of a study and what answers there. */
export type Route = Readonly<{
  method: Method
  path: string
  handler: (request: FastifyRequest, reply: FastifyReply) => unknown
  /** Largest body; the application's own limit by default. */
  bodyBytesMax?: number
}>
