import { codeOf } from '@hokku/kit/error-code'
import type { FastifyInstance } from '@hokku/kit/http'
import { problem } from '../problems.ts'
import type { Context } from './command.ts'

/**
 * Listens until the context is aborted, then answers what is under way and closes.
 *
 * @throws Problem `storage_unconfigured` for an address that is taken
 */
export async function serve(
  app: FastifyInstance,
  address: Readonly<{ host: string; port: number }>,
  context: Pick<Context, 'signal'>,
  onListening: (address: string) => void,
): Promise<void> {
  try {
    onListening(await app.listen(address))
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    throw problem(
      'storage_unconfigured',
      `Bind to ${address.host}:${address.port} failed: ${code === 'EACCES' ? 'not allowed' : 'the port is in use'}.`,
      { hint: 'Choose another one with --port.', cause: error },
    )
  }
  if (!context.signal.aborted) {
    await new Promise<void>((resolve) =>
      context.signal.addEventListener('abort', () => resolve(), { once: true }),
    )
  }
  await app.close()
}
