import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'

/**
 * Adds a `PUT` route whose body is a stream of bytes of any type and length. The address
 * carries its own secret.
 */
export function addUpload(
  api: FastifyInstance,
  path: string,
  receive: (request: FastifyRequest, body: Readable) => Promise<void>,
): void {
  void api.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, body, parsed) => parsed(null, body))
    scope.put(path, { config: { public: true } }, async (request, reply) => {
      await receive(request, (request.body as Readable | undefined) ?? request.raw)
      return reply.send({})
    })
    done()
  })
}
