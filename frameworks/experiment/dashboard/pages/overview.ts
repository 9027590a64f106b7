import { html, type Html } from '@hokku/kit/html'
import { FINISHED, STATUS, STATUS_WORD } from '../../participants/status.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { checkField, choiceField, OUTCOME, statusWord, table } from '../elements.ts'
import { countGroups, sampleDocuments, type Group } from '../summary.ts'
import type { PageContent, View } from '../view.ts'

/** What the overview shows; all in the address, so that a view can be shared. */
type Choice = Readonly<{
  /** `all`, or what the column must say. */
  version: string
  mode: string
  condition: string
  status: string
  byCondition: boolean
  onlyComplete: boolean
}>

/** By default the current version of the study counts. */
function readChoice(server: StudyServer, query: Readonly<Record<string, string>>): Choice {
  return {
    version: query['version'] ?? server.study.settings.task.experiment_code_version,
    mode: query['mode'] ?? ALL,
    condition: query['condition'] ?? ALL,
    status: query['status'] ?? ALL,
    byCondition: query['by_condition'] === '1',
    onlyComplete: query['only_complete'] === '1',
  }
}

const ALL = 'all'

const fits = (choice: Choice, group: Group): boolean =>
  [
    [choice.version, group.codeversion],
    [choice.mode, group.mode],
    [choice.condition, group.condition],
    [choice.status, group.status],
  ].every(([wanted, value]) => wanted === ALL || wanted === String(value ?? '')) &&
  (!choice.onlyComplete || FINISHED.includes(group.status))

/** `/dashboard/`: how far participants are, and whether the conditions are in balance. */
export async function overviewView(server: StudyServer, { query }: View): Promise<PageContent> {
  const groups = await countGroups(server.pool, server.tables)
  const choice = readChoice(server, query)
  const shown = groups.filter((group) => fits(choice, group))
  return { title: 'Overview', place: '', body: overviewPage(shown, choice, groups) }
}

function overviewPage(shown: readonly Group[], choice: Choice, all: readonly Group[]): Html {
  return html`${choiceForm(choice, all)}
    <div class="cards">
      ${FUNNEL_STEPS.map((step) => html`<div class="card" data-step="${step}"><b>–</b>${step}</div>`)}
    </div>
    <div class="plots" id="plots">
      ${plot('funnel', 'How far participants come')} ${plot('balance-plot', 'Balance of conditions')}
      ${plot('drop-out', 'Drop-out over trials')} ${plot('times', 'Response times by condition')}
    </div>
    ${OUTCOME}
    <h2>Counts</h2>
    ${shown.length === 0 ? html`<p class="quiet">No participants yet.</p>` : countTable(shown, choice)}`
}

function choiceForm(choice: Choice, all: readonly Group[]): Html {
  const values = (of: (group: Group) => string | number | null): [string, string][] =>
    [...new Set(all.map((group) => String(of(group) ?? '')))].map((value) => [value, value])
  const any = (label: string): [string, string] => [ALL, label]
  const versions = new Map([any('all'), [choice.version, choice.version] as const])
  for (const [value, label] of values((group) => group.codeversion)) versions.set(value, label)
  const statuses = Object.entries(STATUS_WORD).filter(([value]) =>
    all.some((group) => String(group.status) === value),
  )
  return html`<form class="actions" method="get">
    ${choiceField('version', 'Version', [...versions], choice.version)}
    ${choiceField('mode', 'Mode', [any('all'), ...values((group) => group.mode)], choice.mode)}
    ${choiceField('condition', 'Condition', [any('all'), ...values((group) => group.condition)], choice.condition)}
    ${choiceField('status', 'Status', [any('all'), ...statuses], choice.status)}
    ${checkField('by_condition', 'Group by condition', choice.byCondition)}
    ${checkField('only_complete', 'Only complete', choice.onlyComplete)}
    <button>Show</button>
  </form>`
}

function countTable(groups: readonly Group[], { byCondition }: Choice): Html {
  const rows = (byCondition ? groups : withoutCondition(groups)).map((group) => [
    statusWord(group.status),
    group.count,
    ...(byCondition ? [cellName(group)] : []),
    group.mode ?? '',
    group.codeversion ?? '',
  ])
  const condition = byCondition ? ['Condition'] : []
  return table(['Status', 'Participants', ...condition, 'Mode', 'Version'], rows)
}

const cellName = (group: Group): string =>
  `${group.condition ?? '?'} / ${group.counterbalance ?? '?'}`

const plot = (id: string, title: string): Html =>
  html`<section class="plot" id="${id}"><h2>${title}</h2><figure></figure></section>`

function withoutCondition(groups: readonly Group[]): Group[] {
  const merged = Map.groupBy(groups, ({ codeversion, mode, status }) =>
    JSON.stringify([codeversion, mode, status]),
  )
  return [...merged.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ ...first, count: total(group) }]
  })
}

const total = (groups: readonly Group[]): number =>
  groups.reduce((sum, group) => sum + group.count, 0)

const FUNNEL_STEPS = ['arrived', 'started', 'finished', 'paid'] as const

/** `/dashboard/overview.json`: what the plots draw, for the same choice as the page. */
export async function overviewData(
  server: StudyServer,
  query: Readonly<Record<string, string>>,
): Promise<object> {
  const choice = readChoice(server, query)
  const all = await countGroups(server.pool, server.tables)
  const groups = all.filter((group) => fits(choice, group))
  const sample = await sampleDocuments(server.pool, server.tables, {
    mode: choice.mode === ALL ? undefined : choice.mode,
    codeVersion: choice.version === ALL ? undefined : choice.version,
  })
  return { funnel: funnelOf(groups), cells: cellsOf(groups), sample }
}

function funnelOf(groups: readonly Group[]): { step: string; count: number }[] {
  const reached: Record<(typeof FUNNEL_STEPS)[number], (status: number) => boolean> = {
    arrived: () => true,
    started: (status) => status !== STATUS.allocated,
    finished: (status) => FINISHED.includes(status),
    paid: (status) => status === STATUS.credited || status === STATUS.bonused,
  }
  return FUNNEL_STEPS.map((step) => ({
    step,
    count: total(groups.filter((group) => reached[step](group.status))),
  }))
}

/** Who left early does not count for the balance. */
function cellsOf(groups: readonly Group[]): { cell: string; count: number }[] {
  const stayed = groups.filter((group) => group.status !== STATUS.quitEarly)
  return [...Map.groupBy(stayed, cellName)].map(([cell, members]) => ({
    cell,
    count: total(members),
  }))
}
