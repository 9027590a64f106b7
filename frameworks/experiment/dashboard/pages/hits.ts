import { html, type Html } from '@hokku/kit/html'
import { Problem } from '@hokku/kit/problem'
import type { HIT } from '../../mturk/marketplace.ts'
import { isExpired, listHits, waitingFor } from '../../mturk/operations.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { actionButton, choiceField, jobButton, OUTCOME, shortTime, table } from '../elements.ts'
import { marketOf } from '../market-of.ts'
import type { PageContent, View } from '../view.ts'

/** `/dashboard/hits`: the HITs of this study in the visitor's mode. */
export async function hitsView(
  server: StudyServer,
  { visitor, query }: View,
): Promise<PageContent> {
  const show = Object.hasOwn(SHOWN, query['show'] ?? '') ? (query['show'] ?? '') : 'all'
  try {
    const hits = await listHits(await marketOf(server, visitor.mode))
    const body = hitsPage(hits.filter(SHOWN[show] ?? (() => true)), show)
    return { title: 'HITs', place: 'hits', body }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { title: 'HITs', place: 'hits', body: unreachable(error) }
  }
}

const SHOWN: Readonly<Record<string, (hit: HIT) => boolean>> = {
  all: () => true,
  unexpired: (hit) => !isExpired(hit),
  reviewable: (hit) => hit.HITStatus === 'Reviewable',
}

/** Why there is nothing to show of Mechanical Turk, and what to do. */
export const unreachable = (failure: Problem): Html =>
  html`<p class="flash">${failure.message}</p><p class="quiet">${failure.hint ?? ''}</p>${OUTCOME}`

const hitsPage = (hits: readonly HIT[], show: string): Html =>
  html`<form class="actions" method="get">
      ${choiceField(
        'show',
        'Show',
        Object.keys(SHOWN).map((name) => [name, name]),
        show,
      )}
      <button>Show</button>
    </form>
    <div class="actions">
      ${jobButton('Expire all', 'expire_hits', 'Expire all open HITs of this study?')}
      ${jobButton('Approve all', 'approve_all', 'Approve and pay everything that was submitted?')}
      ${jobButton('Delete all', 'delete_hits', 'Delete all finished HITs?')}
    </div>
    ${OUTCOME}
    ${hits.length === 0 ? html`<p class="quiet">There are no HITs. <code>psiturk hit create</code> and campaigns make them.</p>` : hitTable(hits)}`

const HEADS = [
  'HIT',
  'Status',
  'Max',
  'Completed',
  'Available',
  'Pending',
  'To judge',
  'Reward, time',
  'Created, expires (UTC)',
] as const

const hitTable = (hits: readonly HIT[]): Html => table(HEADS, hits.map(hitRow))

const hitRow = (hit: HIT): (Html | string | number)[] => [
  // What can be done stands where no phone hides it.
  html`<code>${hit.HITId ?? ''}</code><br><span class="quiet">${hit.Title ?? ''}</span><br>${hitActions(hit)}`,
  hit.HITStatus ?? '',
  hit.MaxAssignments ?? 0,
  hit.NumberOfAssignmentsCompleted ?? 0,
  hit.NumberOfAssignmentsAvailable ?? 0,
  hit.NumberOfAssignmentsPending ?? 0,
  waitingFor(hit),
  html`$${hit.Reward ?? ''}<br>${Math.round((hit.AssignmentDurationInSeconds ?? 0) / 60)} min`,
  html`${toTheMinute(hit.CreationTime)}<br>${toTheMinute(hit.Expiration)}${isExpired(hit) ? ' (expired)' : ''}`,
]

const toTheMinute = (time: Date | undefined): string => shortTime(time).slice(0, 16)

/** Only what can be done to a HIT in its state. */
function hitActions(hit: HIT): Html {
  const url = `/api/hit/${hit.HITId ?? ''}`
  const approve = { method: 'PATCH', url, body: { action: 'approve_all' } }
  const isOver = hit.HITStatus === 'Reviewable' && waitingFor(hit) === 0
  return html`<span class="row-actions">
    ${waitingFor(hit) > 0 ? actionButton('Approve all', { ...approve, confirm: 'Approve and pay the submissions of this HIT?' }) : null}
    ${isExpired(hit) ? null : actionButton('Expire', { method: 'PATCH', url, body: { is_expired: true } })}
    ${isOver ? actionButton('Delete', { method: 'DELETE', url, confirm: 'Delete this HIT?' }) : null}
  </span>`
}
