// Waits for the counts, by server-sent events or by asking, then draws them.
const section = document.querySelector('#document')
const table = document.querySelector('#counts tbody')
const figure = document.querySelector('#cloud')

if (section !== null && !isEnd(section.dataset.status)) wait()
else if (section === null || section.dataset.status === 'done') draw(wordsOfTable())

function wait() {
  if (!('EventSource' in window)) return poll()
  const source = new EventSource(`/api/documents/${section.dataset.id}/events`)
  let failures = 0
  const see = ({ data }) => {
    failures = 0
    show(JSON.parse(data))
  }
  for (const name of ['state', 'progress']) source.addEventListener(name, see)
  for (const name of ['done', 'failed']) {
    source.addEventListener(name, (event) => {
      source.close()
      section.dataset.by = 'events'
      see(event)
      if (name === 'done') finish()
    })
  }
  source.onerror = () => {
    if (++failures < 2 && source.readyState !== EventSource.CLOSED) return
    source.close()
    poll()
  }
}

async function poll() {
  for (let pauseMs = 1000; ; pauseMs = Math.min(pauseMs * 2, 15_000)) {
    await whenVisible()
    const state = await read().catch(() => undefined)
    if (state !== undefined) {
      show(state)
      if (isEnd(state.status)) {
        section.dataset.by = 'polling'
        if (state.status === 'done') await finish()
        return
      }
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

const read = async () => await (await fetch(`/api/documents/${section.dataset.id}`)).json()

function isEnd(status) {
  return status === 'done' || status === 'failed'
}

function show(state) {
  document.querySelector('#status').textContent = state.text
  const bar = document.querySelector('#progress')
  bar.hidden = isEnd(state.status)
  if (state.progress.total) bar.value = state.progress.bytes / state.progress.total
  section.dataset.status = state.status
}

async function finish() {
  const { counts } = await read()
  const words = Object.entries(counts).toSorted((a, b) => b[1] - a[1])
  table.replaceChildren(
    ...words.map(([word, count]) => {
      const row = document.createElement('tr')
      for (const text of [word, count]) {
        const cell = document.createElement('td')
        cell.dir = 'auto'
        cell.textContent = text
        row.append(cell)
      }
      return row
    }),
  )
  for (const id of ['cloud', 'downloads']) document.querySelector(`#${id}`).hidden = false
  draw(words)
}

function wordsOfTable() {
  return [...table.rows].map(({ cells }) => [cells[0].textContent, Number(cells[1].textContent)])
}

const WIDTH = 1200
const HEIGHT = 600
const SIZE_MAX = 120
const FONT = 'Impact, "Anton", "Arial Black", "DejaVu Sans", sans-serif'
const COLOURS = ['#4e79a7', '#c8641a', '#c23b3e', '#3a8f8a', '#4c8c3f', '#9a7a10', '#a05e91', '#b85f6a', '#8a6450', '#7a7370']

/**
 * d3-cloud leaves out what does not fit and says nothing. So we draw again, a tenth smaller, until
 * all words come back; what is left out after ten rounds is told.
 */
async function draw(words) {
  if (words.length === 0) return
  await document.fonts.ready
  const most = words[0][1]
  let scale = firstScale(words[0][0])
  let placed = []
  for (let round = 0; round < 10 && placed.length < words.length; round++, scale *= 0.9) {
    const next = await layout(words.map(([text, count]) => ({ text, count, size: Math.max(4, (count / most) * SIZE_MAX * scale) })))
    if (next.length > placed.length) placed = next
  }
  render(placed)
  const missing = words.length - placed.length
  document.querySelector('#left-out').textContent =
    missing > 0 ? `${missing} words have no room in the picture; the table has them.` : ''
}

/** So small that the largest word fits both ways. */
function firstScale(word) {
  const context = document.createElement('canvas').getContext('2d')
  context.font = `${SIZE_MAX}px ${FONT}`
  return Math.min(1, (HEIGHT - 20) / context.measureText(word).width)
}

function layout(words) {
  const random = seeded(words.length)
  return new Promise((resolve) => {
    window.d3.layout
      .cloud()
      .size([WIDTH, HEIGHT])
      .words(words)
      .padding(3)
      .rotate(() => (random() < 0.5 ? 0 : 90))
      .font(FONT)
      .fontSize(({ size }) => size)
      .random(random)
      .on('end', resolve)
      .start()
  })
}

/** The same picture every time. */
function seeded(seed) {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function render(words) {
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('aria-label', 'Word cloud; the table below has the same counts')
  const group = element('g', { transform: `translate(${WIDTH / 2},${HEIGHT / 2})` })
  words.forEach(({ text, count, size, x, y, rotate }, i) => {
    const word = element('text', {
      'text-anchor': 'middle',
      transform: `translate(${x},${y})rotate(${rotate})`,
      'font-size': size,
      'font-family': FONT,
      fill: COLOURS[i % COLOURS.length],
    })
    word.textContent = text
    const title = element('title', {})
    title.textContent = `${text}: ${count}`
    word.append(title)
    group.append(word)
  })
  svg.append(group)
  figure.replaceChildren(svg)
}

function element(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

const svgFile = () =>
  new Blob([new XMLSerializer().serializeToString(figure.querySelector('svg'))], {
    type: 'image/svg+xml',
  })

document.querySelector('#save-svg')?.addEventListener('click', () => save(svgFile(), 'cloud.svg'))
document.querySelector('#save-png')?.addEventListener('click', () => {
  const image = new Image(WIDTH, HEIGHT)
  image.onload = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT })
    canvas.getContext('2d').drawImage(image, 0, 0, WIDTH, HEIGHT)
    canvas.toBlob((blob) => save(blob, 'cloud.png'))
  }
  image.src = URL.createObjectURL(svgFile())
})

function save(blob, name) {
  Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name }).click()
}
