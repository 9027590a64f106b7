import { html, type Html } from '@hokku/kit/html'
import { firstOf } from '../../participants/identity.ts'
import { problem } from '../../problems.ts'
import { completionCode } from '../../recruiting/end-page.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { findParticipant, readDocument, type Participant } from '../../store/participants.ts'
import { bonusMark } from '../../store/bonus-marks.ts'
import { hasTwoPages, listSaves, readSave, type LoggedSave } from '../../store/saves.ts'
import { actionButton, facts, OUTCOME, shortTime, statusWord } from '../elements.ts'
import type { PageContent, View } from '../view.ts'

/** `/dashboard/participants/<id>`: one record, with every save that was kept. */
export async function participantView(
  server: StudyServer,
  { request, query }: View,
): Promise<PageContent> {
  const id = firstOf(request.params)['id'] ?? ''
  const { pool, tables } = server
  const participant = await findParticipant(pool, tables, id)
  if (participant === undefined)
    throw problem('participant_not_found', 'There is no such participant.')
  const version = Number(query['version'])
  const isOld = Number.isSafeInteger(version) && version > 0
  const [document, saves, isMixed] = await Promise.all([
    isOld ? readSave(pool, tables, id, version) : readDocument(pool, tables, id),
    listSaves(pool, tables, id),
    hasTwoPages(pool, tables, id),
  ])
  const mark = await bonusMark(pool, tables, id)
  const body = html`${mark === undefined ? null : html`<p class="flash">The bonus waits for you: ${mark}.</p>`}
    ${record(participant, completionCode(server, id))}
    ${actionsOf(id)}
    <h2>Saves</h2>
    ${isMixed ? twoPages(id, saves) : null}
    ${saveList(id, saves, isOld ? version : undefined)}
    <h2>${isOld ? `Document as of save ${version}` : 'Document'}</h2>
    <pre>${document === undefined || document === null ? 'There is none.' : pretty(document)}</pre>`
  return { title: id, place: 'participants', body }
}

/** What cannot be taken back asks first, and names the person. */
function actionsOf(id: string): Html {
  const url = `/api/participants/${encodeURIComponent(id)}`
  return html`<div class="actions">
      ${actionButton('Anonymize', { method: 'POST', url: `${url}/anonymize`, confirm: `Give ${id} a new name? The ids, the address and the log of saves are gone then.` })}
      ${actionButton('Delete', { method: 'DELETE', url, confirm: `Delete ${id} and all data of this participant? This cannot be undone.` })}
    </div>
    ${OUTCOME}`
}

const record = (one: Participant, code: string): Html =>
  facts([
    ['Status', statusWord(one.status)],
    ['Worker', one.workerid],
    ['Assignment', one.assignmentid],
    ['HIT', one.hitid],
    ['Mode', one.mode],
    ['Version', one.codeversion],
    ['Condition / counterbalance', `${one.cond ?? '–'} / ${one.counterbalance ?? '–'}`],
    ['Bonus', `$${one.bonus.toFixed(2)}`],
    ['Opened', shortTime(one.beginhit)],
    ['Started', shortTime(one.beginexp)],
    ['Ended', shortTime(one.endhit)],
    ['Browser', `${one.browser ?? '?'} on ${one.platform ?? '?'}, ${one.language ?? '?'}`],
    ['Completion code', code],
  ])

/** Each page has its own document: the last one of the others is not lost, and is named here. */
function twoPages(id: string, saves: readonly LoggedSave[]): Html {
  const last = new Map(saves.map((save) => [save.page ?? '', save.version]))
  const path = `/dashboard/participants/${encodeURIComponent(id)}`
  const links = [...last.values()].map(
    (version) => html` <a href="${path}?version=${version}">save ${version}</a>`,
  )
  return html`<p class="flash">Two pages of this participant saved in turns, each over the document of the other. The last save of each page:${links}</p>`
}

const SAVES_SHOWN = 60

function saveList(id: string, saves: readonly LoggedSave[], shown: number | undefined): Html {
  if (saves.length === 0) return html`<p class="quiet">Nothing was saved yet.</p>`
  const path = `/dashboard/participants/${encodeURIComponent(id)}`
  const link = ({ version }: LoggedSave): Html =>
    version === shown
      ? html`<b>${version}</b>`
      : html`<a href="${path}?version=${version}">${version}</a>`
  return html`<p class="quiet">${saves.length} ${saves.length === 1 ? 'save is' : 'saves are'} kept. Each can be read as it was.</p>
    <p class="actions">${saves.slice(-SAVES_SHOWN).map(link)} ${shown === undefined ? null : html`<a href="${path}">the newest</a>`}</p>`
}

const DOCUMENT_CHARACTERS_MAX = 200_000

function pretty(document: string): string {
  const text = indented(document)
  return text.length <= DOCUMENT_CHARACTERS_MAX
    ? text
    : `${text.slice(0, DOCUMENT_CHARACTERS_MAX)}\n… ${text.length - DOCUMENT_CHARACTERS_MAX} more characters; participants.jsonl has them all.`
}

function indented(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), undefined, 2)
  } catch {
    return document
  }
}
