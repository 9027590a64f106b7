import { html, type Html } from '@hokku/kit/html'
import { page } from '@hokku/kit/pages'
import { STYLE } from '../http/style.ts'

/** The monitoring page; its script fetches the numbers and draws. */
export function monitoringPage(name: string, version: string, versions: readonly string[]): Html {
  return page({
    title: `${name}: monitoring`,
    head: html`<link rel="icon" href="data:," />${STYLE}`,
    body: html`        <header>
          <h1>${name}</h1>
          <label class="quiet" style="margin: 0"
            >version
            <select id="version" style="width: auto">
              <option value="">all</option>
              ${versions.map((known) => html`<option value="${known}">${known}${known === version ? ' (answers)' : ''}</option>`)}
            </select></label
          >
          <label class="quiet" style="margin: 0"
            >quality per
            <select id="window" style="width: auto">
              <option value="">step of the calendar</option>
              ${WINDOWS.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
            </select></label
          >
          <nav><a href="docs">Try it</a> <a href="export.csv">Export</a></nav>
        </header>
        <main>
          <section class="figures" id="totals"></section>
          <section class="grid">
            ${card('volume', 'Predictions and outcomes', 'wide')} ${card('scores', 'Answers')}
            ${card('calibration', 'Calibration')} ${card('over-time', 'Quality over time', 'wide')}
            ${card('confusion', 'Confusion')} ${card('drift', 'Drift by column')}
            ${card('shadows', 'Shadow versions', 'wide')}
          </section>
          <noscript>This page draws with JavaScript; the numbers are at /monitoring/data.</noscript>
        </main>
        <script src="assets/d3.js"></script>
        <script src="assets/plot.js"></script>
        <script type="module" src="assets/monitoring.js"></script>
`,
  })
}

const WINDOWS = [
  ['hour', 'hour'],
  ['day', 'day'],
  ['week', 'week'],
  ['100', '100 predictions'],
  ['1000', '1,000 predictions'],
  ['10000', '10,000 predictions'],
] as const

const card = (id: string, title: string, size = ''): Html =>
  html`<section class="card ${size}" id="${id}">
    <div class="head">
      <h2>${title}</h2>
      <button class="link" hidden>numbers</button>
    </div>
    <div class="body quiet">Reading…</div>
  </section>`
