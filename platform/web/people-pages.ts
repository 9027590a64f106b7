import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { accountOf, revokeAuthorization, type Plane } from '../api/index.ts'
import { problem, type Invitation } from '../store/index.ts'
import { accountPage } from './pages/account.ts'
import { invitationPage, welcomePage } from './pages/invitation.ts'
import { fieldOf, INVITATION } from './prepare-pages.ts'

/** Coming in by an invitation, and the tokens that one has. */
export function peoplePages(pages: FastifyInstance, { store }: Plane): void {
  const config = { public: true }

  pages.get(INVITATION, { config }, (request, reply) => {
    const account = store.accounts.find(invitationOf(request).accountId)
    return reply
      .type('text/html')
      .send(invitationPage(request.frame, account?.email ?? '', request.host))
  })
  pages.post(INVITATION, { config }, (request, reply) => {
    const invitation = invitationOf(request)
    const { account, token } = store.transaction(() => {
      if (!store.invitations.use(invitation.id)) throw usedUp()
      return {
        account: store.accounts.find(invitation.accountId),
        token: store.accounts.authorize(invitation.accountId, 'Invitation').token,
      }
    })
    request.holder = store.accounts.holderOf(token) ?? null
    const url = `${request.protocol}://${request.host}`
    return reply
      .type('text/html')
      .send(welcomePage(request.frame, account?.email ?? '', token, url))
  })

  pages.get('/dashboard/account', { config }, (request, reply) => {
    const authorizations = store.accounts.authorizations(accountOf(request).id)
    const current = request.holder?.authorization.id ?? ''
    return reply.type('text/html').send(accountPage(request.frame, authorizations, current))
  })
  pages.post('/dashboard/account/revoke', { config }, (request, reply) => {
    revokeAuthorization(store, accountOf(request).id, fieldOf(request, 'id'))
    return reply.redirect('/dashboard/account', 303)
  })

  /** @throws Problem `not_found` */
  function invitationOf(request: FastifyRequest): Invitation {
    const secret = pathParam(request, 'invitation')
    const invitation = store.invitations.find(secret)
    if (invitation !== undefined) return invitation
    throw usedUp()
  }
}

const usedUp = () =>
  problem('not_found', 'This invitation has been used, has expired, or never was.', {
    hint: 'Ask the person who invited you for a new link.',
  })
