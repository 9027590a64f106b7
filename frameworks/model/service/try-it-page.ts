import { html, scriptJson, type Html } from '@hokku/kit/html'
import type { ColumnFacts } from '../bundle/column-facts.ts'
import type { Bundle } from '../bundle/load-folder.ts'
import { isNumeric } from '../frames/column-dtype.ts'
import { STYLE } from '../monitoring/style.ts'

/** A form with a field a column, and the answer beside it. */
export function tryItPage(
  bundle: Bundle,
  facts: readonly ColumnFacts[],
  example: Record<string, unknown>,
): Html {
  const shown = JSON.stringify(example)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <link rel="icon" href="data:," />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${bundle.name}: try it</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>
          <h1>${bundle.name}</h1>
          <span class="quiet">version ${bundle.version}</span>
          <nav><a href="monitoring">Monitoring</a> <a href="openapi.json">OpenAPI</a></nav>
        </header>
        <main class="grid">
          <form class="card" id="form">
            <h2>Observation</h2>
            ${facts.map((column) => field(column, example[column.name]))}
            <label>id (recorded if given) <input name="" id="id" placeholder="none" /></label>
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
          ${scriptJson(facts.map(({ name, dtype }) => ({ name, isNumber: isNumeric(dtype) && dtype.kind !== 'bool', isFlag: dtype.kind === 'bool' })))}
        </script>
        <script type="module" src="assets/try-it.js"></script>
      </body>
    </html>`
}

function field({ name, dtype, values }: ColumnFacts, example: unknown): Html {
  const value = typeof example === 'string' || typeof example === 'number' ? example : ''
  const texts = values?.filter((known) => typeof known === 'string').slice(0, SUGGESTIONS_MAX) ?? []
  const listId = `values-${name}`
  if (dtype.kind === 'bool') {
    return html`<label>${name} <span class="quiet">${dtype.name}</span>
      <select name="${name}"><option>true</option><option>false</option></select></label>`
  }
  return html`<label>${name} <span class="quiet">${dtype.name}</span>
    <input name="${name}" value="${value}" placeholder="null" list="${listId}" /></label>
    <datalist id="${listId}">${texts.map((text) => html`<option value="${text}"></option>`)}</datalist>`
}

const SUGGESTIONS_MAX = 50
