import { createHttpApp, type FastifyInstance } from '@hokku/kit/http'
import { html, type Html } from '@hokku/kit/html'
import type { EvaluationInstance, MetadataStore } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import { checkServerKey } from '../server-key.ts'
import { page } from './page.ts'

export type DashboardOptions = Readonly<{
  metadata: MetadataStore
  serverKey: string | undefined
  /** The `PIO_*` variables, secrets masked. */
  env: Readonly<Record<string, string>>
}>

/** Finished evaluations, newest first, as a page and one by one. */
export function createDashboard({ metadata, serverKey, env }: DashboardOptions): FastifyInstance {
  const app = createHttpApp({
    renderProblem: ({ message }) => ({ message }),
    bodyBytesMax: BODY_BYTES_MAX,
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(CORS)
    if (request.method !== 'OPTIONS') checkServerKey(request.query, serverKey)
  })
  app.get('/', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .send(overview(await metadata.completedEvaluations(), env).text),
  )
  for (const [file, type, contentOf] of RESULTS) {
    const url = `/engine_instances/:id/${file}`
    app.get<{ Params: { id: string } }>(url, async (request, reply) => {
      const evaluation = await metadata.evaluation(request.params.id)
      if (evaluation === undefined) throw problem('not_found', 'Not Found')
      return reply.type(type).send(contentOf(evaluation))
    })
    app.options(url, async (_request, reply) =>
      reply.header('Access-Control-Allow-Methods', 'OPTIONS, POST, PUT, GET, DELETE').send(),
    )
  }
  return app
}

/** Only GET routes are here. */
const BODY_BYTES_MAX = 1024

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Requested-With',
}

const RESULTS: readonly (readonly [
  file: string,
  type: string,
  contentOf: (evaluation: EvaluationInstance) => string,
])[] = [
  ['evaluator_results.txt', 'text/plain', (one) => one.evaluatorResults],
  ['evaluator_results.html', 'text/html; charset=utf-8', (one) => one.evaluatorResultsHtml],
  ['evaluator_results.json', 'application/json', (one) => one.evaluatorResultsJson],
  ['local_evaluator_results.json', 'application/json', (one) => one.evaluatorResultsJson],
]

function overview(
  evaluations: readonly EvaluationInstance[],
  env: Readonly<Record<string, string>>,
): Html {
  const rows = evaluations.map(
    (one) => html`<h2>${one.evaluatorResults}</h2>
      <table>
        <tr><th scope="row">Evaluation</th><td>${one.evaluationClass}</td></tr>
        <tr><th scope="row">Engine params</th><td>${one.engineParamsGeneratorClass}</td></tr>
        <tr><th scope="row">Start</th><td>${one.startTime.toISOString()}</td></tr>
        <tr><th scope="row">End</th><td>${one.endTime.toISOString()}</td></tr>
        <tr><th scope="row">Batch</th><td>${one.batch}</td></tr>
        <tr>
          <th scope="row">Results</th>
          <td>
            ${['txt', 'html', 'json'].map(
              (ending) =>
                html`<a href="/engine_instances/${one.id}/evaluator_results.${ending}">${ending}</a> `,
            )}
          </td>
        </tr>
      </table>`,
  )
  return page('PredictionIO Dashboard', [
    html`<h1>Completed evaluations</h1>`,
    ...(rows.length === 0 ? [html`<p>There are none yet: run pio eval.</p>`] : rows),
    html`<h2>Environment</h2>
      <table>
        ${Object.entries(env).map(
          ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
        )}
      </table>`,
  ])
}
