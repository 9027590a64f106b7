import { html, type Html } from '@hokku/kit/html'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { PROLIFIC_QUERY } from '../../recruiting/recruiting-routes.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { createLinks, listLinks, type Link } from '../../store/links.ts'
import { statusWord, table } from '../elements.ts'
import type { PageContent, View } from '../view.ts'

/** `/dashboard/links`: participants who do not come from Mechanical Turk. */
export async function linksView(server: StudyServer, { request }: View): Promise<PageContent> {
  const base = baseOf(server, request)
  const links = await listLinks(server.pool, server.tables)
  return { title: 'Links', place: 'links', body: linksPage(server, base, links) }
}

const LINKS_AT_ONCE_MAX = 500
const LABEL_LENGTH_MAX = 60

const NewLinks = z.object({
  count: z.coerce.number().int().min(1).max(LINKS_AT_ONCE_MAX),
  label: z.string().max(LABEL_LENGTH_MAX).default(''),
})

/** Makes as many links as the form says, and shows them. */
export async function makeLinks(
  server: StudyServer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { count, label } = NewLinks.parse(request.body)
  await createLinks(
    server.pool,
    server.tables,
    Array.from({ length: count }, () => label),
  )
  return reply.redirect('/dashboard/links', 303)
}

/** The address under which the visitor sees this server, for links to hand out. */
function baseOf(server: StudyServer, request: FastifyRequest): string {
  const protocol = server.study.isOnCloud
    ? (request.headers['x-forwarded-proto'] ?? 'https')
    : request.protocol
  return `${String(protocol)}://${request.headers.host ?? ''}`
}

function linksPage(
  server: StudyServer,
  base: string,
  links: readonly (Link & { status: number | null })[],
): Html {
  const { prolific_completion_code } = server.study.settings.hit
  return html`<p>People who are not on Mechanical Turk take part through a link. The last page shows a completion code, which
      also appears in the participant's record.</p>
    <h2>One link for everyone</h2>
    <pre class="address">${base}/join</pre>
    <p class="quiet">Each visitor counts as a new participant. Add <code>?id=…</code> to pass on an id from another recruiter; each id can take part once.</p>
    <form class="panel" method="post" action="/dashboard/links">
      <h2>Personal links</h2>
      <p class="quiet">Each works for one person.</p>
      <label>How many <input type="number" name="count" value="10" min="1" max="${LINKS_AT_ONCE_MAX}" required></label>
      <label>Label <input name="label" maxlength="${LABEL_LENGTH_MAX}" placeholder="for example: lab, October"></label>
      <button>Make links</button>
    </form>
    ${
      links.length === 0
        ? null
        : table(
            ['Link', 'Label', 'Status'],
            links.map((link) => [
              html`<code>${base}/join/${link.worker}</code>`,
              link.label,
              link.status === null ? 'not used' : statusWord(link.status),
            ]),
          )
    }
    <h2>Prolific</h2>
    <p>Give this address as the study's:</p>
    <pre class="address">${base}/prolific?${PROLIFIC_QUERY}</pre>
    ${
      prolific_completion_code === ''
        ? html`<p class="flash">Set <code>prolific_completion_code</code> in <code>[HIT Configuration]</code>, so that participants are sent back with it.</p>`
        : html`<p class="quiet">Participants are sent back with the completion code ${prolific_completion_code}.</p>`
    }`
}
