import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { PythonFailure } from './failure.ts'

/** One request to the application of a Python process. */
export type PythonCall = Readonly<{
  method: string
  /** Path and query, as they came. */
  path: string
  headers?: OutgoingHttpHeaders
  body?: Buffer | string | undefined
}>

export type PythonAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>

/**
 * Asks over a Unix socket, and waits for the whole answer: half of one never gets to a visitor.
 *
 * @throws PythonFailure `ended`, `slow`, `large`
 */
export function call(
  socketPath: string,
  { method, path, headers = {}, body = '' }: PythonCall,
  limits: Readonly<{ answerMsMax: number; answerBytesMax: number }>,
): Promise<PythonAnswer> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body)
    const sent = request({
      socketPath,
      method,
      path,
      headers: { ...headers, connection: 'close', 'content-length': length },
    })
    const fail = (kind: 'ended' | 'slow' | 'large', message: string, cause?: unknown): void => {
      clearTimeout(deadline)
      sent.destroy()
      reject(new PythonFailure(kind, message, { cause }))
    }
    const deadline = setTimeout(
      () => fail('slow', `it did not answer within ${limits.answerMsMax / 1000} s`),
      limits.answerMsMax,
    )
    sent.once('error', (cause) => fail('ended', `it broke off: ${cause.message}`, cause))
    sent.once('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > limits.answerBytesMax)
          fail('large', `its answer has more than ${limits.answerBytesMax} bytes`)
      })
      response.once('error', (cause) => fail('ended', 'its answer broke off', cause))
      response.once('end', () => {
        clearTimeout(deadline)
        const { statusCode: status = 502, headers: said } = response
        resolve({ status, headers: said, body: Buffer.concat(chunks) })
      })
    })
    sent.end(body)
  })
}
