import type { FastifyRequest } from '@hokku/kit/http'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { isTokenOf } from '../store/secret.ts'
import type { StudyServer } from './study-server.ts'

/**
 * Where the study asks for it (`require_token`), only the page that `/exp` gave to a participant may
 * read and change that participant: knowing the id is not enough.
 *
 * @param field token sent as a form field, where a browser cannot set headers
 * @throws Problem `token_missing`
 */
export function requireToken(
  server: StudyServer,
  uniqueId: string,
  request: FastifyRequest,
  field?: string,
): void {
  if (!server.study.settings.task.require_token) return
  const header = request.headers['x-psiturk-token']
  const token =
    typeof header === 'string' ? header : (field ?? firstOf(request.query)['token'] ?? '')
  if (isTokenOf(server.secret, uniqueId, token)) return
  throw problem('token_missing', 'This participant can only be changed by their own page.')
}
