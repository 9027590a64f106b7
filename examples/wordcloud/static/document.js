// Waits for the counts, by server-sent events or by asking, then draws them.
import { draw, save, svgFile, toPng } from './cloud.js'

const section = document.querySelector('#document')
const table = document.querySelector('#counts tbody')
const figure = document.querySelector('#cloud')
const SILENCE_MS_MAX = 20_000
const FIRST_EVENT_MS_MAX = 5000
const POLL_MS_MIN = 1000
const POLL_MS_MAX = 15_000

if (section !== null && !isEnd(section.dataset.status)) wait()
else show(JSON.parse(document.querySelector('#word-counts').textContent))

/** Listens; what is between us and the server may refuse the stream, break it, or hold it back. */
function wait() {
  if (!('EventSource' in window)) return poll()
  const source = new EventSource(`/api/documents/${section.dataset.id}/events`)
  let failures = 0
  let silence
  const giveUp = () => {
    clearTimeout(silence)
    source.close()
    poll()
  }
  // A stream that someone holds back looks like one on which nothing happens.
  const expect = (withinMs, isFirst) => {
    clearTimeout(silence)
    silence = setTimeout(async () => {
      const state = await read().catch(() => undefined)
      if (isFirst || (state !== undefined && isEnd(state.status))) giveUp()
      else expect(SILENCE_MS_MAX, false)
    }, withinMs)
  }
  expect(FIRST_EVENT_MS_MAX, true)
  const hear = ({ data }) => {
    failures = 0
    expect(SILENCE_MS_MAX, false)
    tell(JSON.parse(data))
  }
  for (const name of ['state', 'progress']) source.addEventListener(name, hear)
  for (const name of ['done', 'failed']) {
    source.addEventListener(name, (event) => {
      hear(event)
      clearTimeout(silence)
      source.close()
      finish('events', name)
    })
  }
  source.onerror = () => {
    if (++failures >= 2 || source.readyState === EventSource.CLOSED) giveUp()
  }
}

async function poll() {
  for (let pauseMs = POLL_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)) {
    await whenVisible()
    const state = await read().catch(() => undefined)
    if (state !== undefined) {
      tell(state)
      if (isEnd(state.status)) return await finish('polling', state.status)
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

const whenVisible = () =>
  document.visibilityState === 'visible'
    ? Promise.resolve()
    : new Promise((resolve) => {
        document.addEventListener('visibilitychange', resolve, { once: true })
      })

async function read() {
  const response = await fetch(`/api/documents/${section.dataset.id}`)
  if (response.status === 404) return DELETED
  if (!response.ok) throw new Error(`${response.status}`)
  return await response.json()
}

const DELETED = { status: 'failed', text: 'Failed: it was deleted.', progress: { bytes: 0, total: null } }

function isEnd(status) {
  return status === 'done' || status === 'failed'
}

function tell(state) {
  document.querySelector('#status').textContent = state.text
  const bar = document.querySelector('#progress')
  bar.hidden = isEnd(state.status)
  if (state.progress.total) bar.value = state.progress.bytes / state.progress.total
  section.dataset.status = state.status
}

async function finish(by, status) {
  section.dataset.by = by
  if (status !== 'done') return
  for (;;) {
    const state = await read().catch(() => undefined)
    if (state !== undefined) return show(state.counts)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS_MIN))
  }
}

function show(counts) {
  const words = Object.entries(counts ?? {}).toSorted(
    ([a, x], [b, y]) => y - x || (a < b ? -1 : a > b ? 1 : 0),
  )
  table.replaceChildren(...words.map(rowOf))
  for (const id of ['cloud', 'counts']) document.querySelector(`#${id}`).hidden = words.length === 0
  const downloads = document.querySelector('#downloads')
  if (downloads !== null) downloads.hidden = section.dataset.status !== 'done'
  if (words.length > 0) void picture(words)
}

function rowOf(texts) {
  const row = document.createElement('tr')
  for (const text of texts) {
    const cell = document.createElement('td')
    cell.dir = 'auto'
    cell.textContent = text
    row.append(cell)
  }
  return row
}

async function picture(words) {
  const missing = await draw(words, figure)
  document.querySelector('#left-out').textContent =
    missing > 0 ? `${missing} words have no room in the picture; the table has them.` : ''
}

document.querySelector('#save-svg')?.addEventListener('click', () => save(svgFile(figure), 'cloud.svg'))
document.querySelector('#save-png')?.addEventListener('click', async () => save(await toPng(figure), 'cloud.png'))
