import { type Html, html } from '@hokku/kit/html'
import { page } from '../dashboard/page.ts'
import type { Deployment } from './deployment.ts'
import type { ServingStats } from './serving-stats.ts'

type ServedAs = Readonly<{
  address: string
  /** Why the engine may not do what its sources say. */
  notice: string | undefined
  feedback: URL | undefined
}>

/** The page at `/`. Titles and row names are upstream's: redeploy scripts look for them. */
export function statusPage(
  { instance, bound, models }: Deployment,
  stats: ServingStats,
  { address, notice, feedback: feedbackServer }: ServedAs,
): Html {
  const title = `${instance.engineFactory} (${instance.engineVariant}) - PredictionIO Engine Server at ${address}`
  return page(title, [
    html`<h1>PredictionIO Engine Server</h1>
      <p>${instance.engineFactory} at ${address}</p>
      ${notice === undefined ? null : html`<p><strong>${notice}</strong></p>`}`,
    section('Engine Information', [
      ['Training Start Time', instance.startTime.toISOString()],
      ['Training End Time', instance.endTime.toISOString()],
      ['Variant ID', instance.engineVariant],
      ['Instance ID', instance.id],
    ]),
    section('Server Information', [
      ['Start Time', stats.startedAt.toISOString()],
      ['Request Count', String(stats.requestCount)],
      ['Average Serving Time', `${stats.avgServingSec.toFixed(4)} seconds`],
      ['Last Serving Time', `${stats.lastServingSec.toFixed(4)} seconds`],
      ['Engine Factory Class', instance.engineFactory],
    ]),
    section('Data Source', [['Parameters', instance.details.dataSourceParams]]),
    section('Data Preparator', [['Parameters', instance.details.preparatorParams]]),
    ...bound.algorithms.map(({ name, params }, at) =>
      section(`Algorithm ${at + 1}`, [
        ['Class', name],
        ['Parameters', JSON.stringify(params)],
        ['Model', describeModel(models[at])],
      ]),
    ),
    section('Serving', [['Parameters', instance.details.servingParams]]),
    section('Feedback Loop Information', [
      ['Feedback Loop Enabled?', String(feedbackServer !== undefined)],
      ['Event Server IP', feedbackServer?.hostname ?? '-'],
      ['Event Server Port', feedbackServer === undefined ? '-' : portOf(feedbackServer)],
    ]),
  ])
}

/** Addresses leave out the port that their scheme has anyway. */
const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80')

const section = (title: string, rows: readonly (readonly [string, string])[]): Html =>
  html`<h2>${title}</h2>
    <table>
      ${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}
    </table>`

/** What a model is made of, e.g. `rank: 10, users: Float32Array(300)`. */
function describeModel(model: unknown): string {
  if (typeof model !== 'object' || model === null) return String(model)
  return Object.entries(model)
    .map(([name, value]) => `${name}: ${describeValue(value)}`)
    .join(', ')
    .slice(0, MODEL_TEXT_MAX)
}

const MODEL_TEXT_MAX = 400

function describeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const size = 'length' in value ? value.length : 'size' in value ? value.size : undefined
  return typeof size === 'number' ? `${value.constructor.name}(${size})` : value.constructor.name
}
