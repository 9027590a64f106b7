import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { createHash } from 'node:crypto'
import { ParticipantError } from '../pages/error-pages.ts'
import { asQuery, passedOn } from '../participants/passed-on.ts'
import { firstOf, IdentityQuery } from '../participants/identity.ts'
import { page } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { findLink, newLinkId } from '../store/links.ts'

/** Entrances for participants who do not come from Mechanical Turk. */
export function recruitingRoutes(server: StudyServer): Route[] {
  return [
    {
      method: 'GET',
      path: '/prolific',
      handler: (request, reply) => fromProlific(server, request, reply),
    },
    {
      method: 'GET',
      path: '/join',
      handler: (request, reply) => fromOpenLink(server, request, reply),
    },
    {
      method: 'GET',
      path: '/join/:worker',
      handler: (request, reply) => fromLink(server, request, reply),
    },
  ]
}

/** The study address to give to Prolific; it fills in the three ids. */
export const PROLIFIC_QUERY =
  'PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}'

function fromProlific(server: StudyServer, request: FastifyRequest, reply: FastifyReply): unknown {
  const query = firstOf(request.query)
  const identity = IdentityQuery.safeParse({
    workerId: query['PROLIFIC_PID'],
    hitId: query['STUDY_ID'],
    assignmentId: query['SESSION_ID'],
  })
  if (!identity.success) return refuse(server, request, reply)
  if (server.study.settings.hit.prolific_completion_code === '')
    server.log.warning(
      'Someone came from Prolific, but prolific_completion_code is not set: the last page shows a code that Prolific does not know.',
    )
  return reply.redirect(adOf(identity.data, 'prolific', query, entranceOf(server)), 302)
}

async function fromLink(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const worker = firstOf(request.params)['worker'] ?? ''
  const link = await findLink(server.pool, server.tables, worker)
  if (link === undefined) return refuse(server, request, reply)
  const identity = { workerId: link.worker, assignmentId: link.assignment, hitId: 'link' }
  return reply.redirect(adOf(identity, 'link', firstOf(request.query), entranceOf(server)), 302)
}

/**
 * The one link for everyone: who brings an id of another recruiter takes part under it, once; who
 * brings none is someone new.
 */
function fromOpenLink(server: StudyServer, request: FastifyRequest, reply: FastifyReply): unknown {
  const id = firstOf(request.query)['id']
  const workerId = id === undefined || id === '' ? newLinkId('O') : id
  const assignmentId = `A${createHash('sha256').update(workerId).digest('hex').slice(0, 24)}`
  const identity = IdentityQuery.safeParse({ workerId, assignmentId, hitId: 'link' })
  if (!identity.success) return refuse(server, request, reply)
  return reply.redirect(
    adOf(identity.data, 'link', firstOf(request.query), entranceOf(server)),
    302,
  )
}

const adOf = (
  identity: Record<string, string>,
  mode: string,
  query: Readonly<Record<string, string>>,
  path = '/ad',
): string =>
  `${path}?${new URLSearchParams({ ...identity, mode }).toString()}${asQuery(passedOn(query))}`

/** A study that is a page of its own has no ad and no consent form of ours before it. */
const entranceOf = ({ isPage }: StudyServer): string => (isPage ? '/' : '/ad')

const refuse = (server: StudyServer, request: FastifyRequest, reply: FastifyReply) =>
  page(server, () => {
    throw new ParticipantError('improper_inputs')
  })(request, reply)
