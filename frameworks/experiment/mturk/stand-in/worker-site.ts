import { html, type Html } from '@hokku/kit/html'
import type { Hit, Market } from './market.ts'

/** What a worker sees: the list of HITs. */
export function hitListPage(market: Market): string {
  const hits = [...market.hits.values()].toReversed()
  return frame(
    'HITs',
    html`<h1>HITs</h1>
      <p>This marketplace runs on your machine. Nothing is posted, and no one is paid.</p>
      ${hits.length === 0 ? html`<p>There are no HITs. <code>psiturk hit create 3 0.50 1</code> makes one.</p>` : null}
      <ul>
        ${hits.map(
          (hit) => html`<li>
            <a href="/projects/${hit.id}/tasks?workerId=REHEARSAL${hit.assignments.length + 1}">${hit.type.Title}</a>
            <span>$${hit.type.Reward} · ${market.available(hit)} of ${hit.max} left · ${market.status(hit)}</span>
          </li>`,
        )}
      </ul>`,
  )
}

/** A HIT in its frame: as a preview, or accepted. */
export function hitPage(
  market: Market,
  hit: Hit,
  workerId: string,
  assignmentId: string | undefined,
): string {
  const url = frameAddress(hit, workerId, assignmentId)
  const accept = html`<form method="post" action="/accept">
    <input type="hidden" name="hitId" value="${hit.id}">
    <label>Worker <input name="workerId" value="${workerId}" required></label>
    <button>Accept</button>
  </form>`
  return frame(
    hit.type.Title,
    html`<h1>${hit.type.Title}</h1>
      <p>${hit.type.Description} $${hit.type.Reward}. ${market.available(hit)} of ${hit.max} left.</p>
      ${assignmentId === undefined ? accept : html`<p>Accepted as ${workerId}: assignment ${assignmentId}.</p>`}
      <iframe src="${url}" title="HIT" style="width:100%;height:600px;border:1px solid"></iframe>`,
  )
}

export const thanksPage = (): string =>
  frame(
    'Submitted',
    html`<h1>Submitted</h1><p>The HIT has been submitted. <a href="/" target="_top">More HITs</a></p>`,
  )

/** What the marketplace does not allow, e.g. a second assignment of the same HIT. */
export const refusalPage = (reason: string): string =>
  frame(
    'Not possible',
    html`<h1>Not possible</h1><p>${reason} <a href="/" target="_top">All HITs</a></p>`,
  )

/** The address of the question with what the marketplace adds. */
function frameAddress(hit: Hit, workerId: string, assignmentId: string | undefined): string {
  const [, escaped = ''] = /<ExternalURL>(.*?)<\/ExternalURL>/s.exec(hit.question) ?? []
  const address = escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  const added = new URLSearchParams(
    assignmentId === undefined
      ? { assignmentId: 'ASSIGNMENT_ID_NOT_AVAILABLE', hitId: hit.id }
      : { assignmentId, hitId: hit.id, workerId, turkSubmitTo: '' },
  ).toString()
  return `${address}${address.includes('?') ? '&' : '?'}${added}`
}

const frame = (title: string, body: Html): string =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
    <style>:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:64rem;margin:2rem auto;padding:0 1rem}
    li span{opacity:.75;margin-left:.6rem}input,button{font:inherit;padding:.3rem .7rem}</style></head><body>${body}</body></html>`
    .text
