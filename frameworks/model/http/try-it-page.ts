import { html, scriptJson, type Html } from '@hokku/kit/html'
import { page } from '@hokku/kit/pages'
import type { ColumnFacts } from '../bundle/column-facts.ts'
import type { Bundle } from '../bundle/load-folder.ts'
import { isNumeric } from '../frames/column-dtype.ts'
import { STYLE } from './style.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

/** A form with a field a column, and the answer beside it. */
export function tryItPage(
  bundle: Bundle,
  facts: readonly ColumnFacts[],
  example: Record<string, unknown>,
): Html {
  const shown = stringifyExactly(example)
  return page({
    title: `${bundle.name}: try it`,
    head: html`<link rel="icon" href="data:," />${STYLE}`,
    body: html`        <header>
          <h1>${bundle.name}</h1>
          <span class="quiet">version ${bundle.version}</span>
          <nav><a href="monitoring">Monitoring</a> <a href="openapi.json">OpenAPI</a></nav>
        </header>
        <main class="grid">
          <form class="card" id="form">
            <h2>Observation</h2>
            ${facts.map((column, i) => field(column, i, example[column.name]))}
            <label>id (recorded if given) <input id="id" placeholder="none" autocomplete="off" /></label>
            <button>Predict</button>
          </form>
          <section class="card">
            <h2>Answer</h2>
            <pre id="answer" class="quiet">Nothing asked yet.</pre>
            <h2 style="margin-top: 1.5rem">The same with curl</h2>
            <pre id="curl">
curl -X POST /predict -H "Content-Type: application/json" -d '${shown}'</pre
            >
          </section>
        </main>
        <script type="application/json" id="columns">
          ${scriptJson(facts.map(fieldFacts))}
        </script>
        <script type="module" src="assets/try-it.js"></script>
`,
  })
}

/** What the script must know to make JSON of what is typed. */
const fieldFacts = (column: ColumnFacts) => ({
  name: column.name,
  isNumber: isNumeric(column.dtype) && column.dtype.kind !== 'bool',
  isFlag: column.dtype.kind === 'bool',
  known: suggestions(column),
})

function field(column: ColumnFacts, i: number, example: unknown): Html {
  const { name, dtype } = column
  const id = `column-${i}`
  if (dtype.kind === 'bool') {
    return html`<label>${name} <span class="quiet">${dtype.name}</span>
      <select id="${id}"><option>true</option><option>false</option></select></label>`
  }
  const value = typeof example === 'string' || typeof example === 'number' ? example : ''
  return html`<label>${name} <span class="quiet">${dtype.name}</span>
    <input id="${id}" value="${value}" placeholder="null" list="${id}-values" autocomplete="off" /></label>
    <datalist id="${id}-values">${suggestions(column).map((known) => html`<option value="${String(known)}"></option>`)}</datalist>`
}

/** Known values that can be typed. */
const suggestions = ({ values = [] }: ColumnFacts): (string | number | boolean)[] =>
  values
    .filter((known) => typeof known === 'string' || typeof known === 'boolean' || isFinite(known))
    .slice(0, SUGGESTIONS_MAX)

const isFinite = (value: unknown): value is number => Number.isFinite(value)

const SUGGESTIONS_MAX = 50
