// Draws word counts with d3-cloud: the same picture every time, and no word left out silently.
const WIDE = { width: 1200, height: 600 }
/** On a phone the words of a wide picture could not be read. */
const NARROW = { width: 600, height: 900 }
const NARROW_PX_MAX = 640
const SIZE_MAX = 120
const SIZE_MIN = 12
const PADDING = 5
const MARGIN = 20
const ROUNDS_MAX = 10
const FONT = 'Impact, Haettenschweiler, "Arial Narrow Bold", "Liberation Sans Narrow", "DejaVu Sans Condensed", sans-serif'
const COLORS = ['#3f7cc4', '#c8641a', '#c94a4d', '#2f8f88', '#4c8c3f', '#96760f', '#a8679a', '#b85f6a', '#946c57', '#6f7a86']

/**
 * d3-cloud leaves out what does not fit and says nothing. So no word starts larger than the box,
 * and all are drawn again a tenth smaller until every one comes back.
 *
 * @param words pairs of word and count, the most frequent first
 * @returns how many are left out after the last round
 */
export async function draw(words, figure) {
  await document.fonts.ready
  const box = document.documentElement.clientWidth < NARROW_PX_MAX ? NARROW : WIDE
  const width = measurer()
  const most = words[0][1]
  // By area, as one sees it: a word twice as frequent takes twice the room.
  const sized = (scale) =>
    words.map(([text, count]) => {
      const size = Math.max(SIZE_MIN, Math.sqrt(count / most) * SIZE_MAX) * scale
      return { text, count, size: Math.min(size, largest(text, box, width)) }
    })
  let best = []
  for (let round = 0; round < ROUNDS_MAX && best.length < words.length; round++) {
    const placed = await layout(sized(0.9 ** round), box)
    if (placed.length > best.length) best = placed
  }
  const svg = svgOf(best)
  figure.replaceChildren(svg)
  crop(svg)
  return words.length - best.length
}

/** The size at which a word still fits the box, upright as well as across. */
const largest = (text, { width, height }, widthOf) =>
  (Math.min(width, height) - 4 * PADDING) / widthOf(text)

/** How wide a text is at size 1. */
function measurer() {
  const context = document.createElement('canvas').getContext('2d')
  context.font = `bold ${SIZE_MAX}px ${FONT}`
  return (text) => context.measureText(text).width / SIZE_MAX
}

function layout(words, { width, height }) {
  const random = seeded(words.length)
  return new Promise((resolve) => {
    window.d3.layout
      .cloud()
      .size([width, height])
      .words(words)
      .padding(PADDING)
      .rotate(() => (random() < 0.5 ? 0 : 90))
      .font(FONT)
      .fontWeight('bold')
      .fontSize(({ size }) => size)
      .random(random)
      // A tab stays responsive while a thousand words are placed.
      .timeInterval(20)
      .on('end', resolve)
      .start()
  })
}

function seeded(seed) {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function svgOf(words) {
  const svg = element('svg', { role: 'img' })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('aria-label', 'Word cloud; the table below has the same counts')
  const group = element('g', {})
  words.forEach(({ text, count, size, x, y, rotate }, i) => {
    const word = element('text', {
      'text-anchor': 'middle',
      transform: `translate(${x},${y})rotate(${rotate})`,
      'font-size': size,
      'font-family': FONT,
      'font-weight': 'bold',
      fill: COLORS[i % COLORS.length],
    })
    word.textContent = text
    const title = element('title', {})
    title.textContent = `${text}: ${count}`
    word.append(title)
    group.append(word)
  })
  svg.append(group)
  return svg
}

/** A few words do not fill the box. */
function crop(svg) {
  const { x, y, width, height } = svg.querySelector('g').getBBox()
  const size = { width: Math.ceil(width) + 2 * MARGIN, height: Math.ceil(height) + 2 * MARGIN }
  svg.setAttribute('viewBox', `${x - MARGIN} ${y - MARGIN} ${size.width} ${size.height}`)
  svg.setAttribute('width', size.width)
  svg.setAttribute('height', size.height)
}

function element(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

export const svgFile = (figure) =>
  new Blob([new XMLSerializer().serializeToString(figure.querySelector('svg'))], { type: 'image/svg+xml' })

/** Twice as fine as the page, on the page's own ground. */
export function toPng(figure) {
  const { width, height } = figure.querySelector('svg').viewBox.baseVal
  const image = new Image(width, height)
  return new Promise((resolve, reject) => {
    image.onerror = () => reject(new Error('The picture could not be drawn.'))
    image.onload = () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 2 * width, height: 2 * height })
      const context = canvas.getContext('2d')
      context.fillStyle = getComputedStyle(figure).backgroundColor
      context.fillRect(0, 0, canvas.width, canvas.height)
      context.drawImage(image, 0, 0, canvas.width, canvas.height)
      canvas.toBlob(resolve)
      URL.revokeObjectURL(image.src)
    }
    image.src = URL.createObjectURL(svgFile(figure))
  })
}

export function save(blob, name) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
