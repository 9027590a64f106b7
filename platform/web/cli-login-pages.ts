import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { accountOf, type CliLogin, type CliLogins, type Plane } from '../api/index.ts'
import { problem } from '../store/index.ts'
import { cliLoginPage, messagePage } from './pages/cli-login.ts'
import { fieldOf } from './prepare-pages.ts'

/** The pages that `heroku login` opens. */
export function cliLoginPages(pages: FastifyInstance, { store }: Plane, logins: CliLogins): void {
  const path = '/dashboard/cli-login/:login'
  const config = { public: true }
  const loginOf = (request: FastifyRequest): CliLogin => {
    const id = pathParam(request, 'login')
    const login = logins.find(id)
    if (login !== undefined) return login
    throw problem('not_found', 'This login has expired or does not exist.', {
      hint: 'Type `heroku login` again.',
    })
  }

  pages.get(path, { config }, (request, reply) =>
    reply.type('text/html').send(cliLoginPage(request.frame, loginOf(request))),
  )
  pages.post(path, { config }, (request, reply) => {
    const login = loginOf(request)
    const answer = (title: string, message: string) =>
      reply.type('text/html').send(messagePage(request.frame, title, message))
    if (fieldOf(request, 'answer') !== 'yes') {
      logins.decide(login.id, { error: 'The login was refused in the browser.' })
      return answer('Refused', 'The command line has not been let in.')
    }
    const expiresAt = new Date(Date.now() + CLI_LOGIN_MS).toISOString()
    const { id } = accountOf(request)
    const { token } = store.accounts.authorize(id, login.description, {
      expiresAt,
      kind: 'session',
    })
    logins.decide(login.id, { access_token: token })
    return answer('Logged in', 'You can close this page and return to your terminal.')
  })
}

/** As long as the CLI asks for where it logs in by password. */
const CLI_LOGIN_MS = 30 * 24 * 3600 * 1000
