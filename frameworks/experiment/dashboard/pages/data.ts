import { html, type Html } from '@hokku/kit/html'
import type { PageContent } from '../view.ts'

/** `/dashboard/data`: the files that can be downloaded. */
export const dataView = (): PageContent => ({
  title: 'Data',
  place: 'data',
  body: html`<p>All participants, of all versions and modes, streamed as they are at this moment.</p>
    <dl class="files">
      ${file(['trials.csv'], 'One row a trial, with a header and a column for each measure.')}
      ${file(['participants.jsonl'], 'One line of JSON a participant, with the whole document.')}
      ${file(['trialdata.csv', 'questiondata.csv', 'eventdata.csv'], html`As <code>psiturk download_datafiles</code> writes them, without a header.`)}
    </dl>`,
})

const file = (names: readonly string[], text: Html | string): Html =>
  html`<div><dt>${names.map((name) => html`<a class="button" href="/dashboard/data/${name}">${name}</a> `)}</dt><dd>${text}</dd></div>`
