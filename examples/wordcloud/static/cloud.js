// Draws word counts with d3-cloud: the same picture every time, and no word left out silently.
const WIDTH = 1200
const HEIGHT = 600
const SIZE_MAX = 120
/** Smaller words cannot be read. */
const SIZE_MIN = 9
const PADDING = 5
const ROUNDS_MAX = 10
const FONT = 'Impact, Haettenschweiler, "Arial Narrow Bold", "Liberation Sans Narrow", "DejaVu Sans Condensed", sans-serif'
const COLOURS = ['#3f7cc4', '#c8641a', '#c23b3e', '#2f8f88', '#4c8c3f', '#96760f', '#a05e91', '#b85f6a', '#8a6450', '#6f7a86']

/**
 * d3-cloud leaves out what does not fit and says nothing. So no word starts larger than the box,
 * and all are drawn again a tenth smaller until every one comes back.
 *
 * @param words pairs of word and count, the most frequent first
 * @returns how many are left out after the last round
 */
export async function draw(words, figure) {
  await document.fonts.ready
  const width = measurer()
  const most = words[0][1]
  const sized = (scale) =>
    words.map(([text, count]) => ({ text, count, size: fit(text, (count / most) * SIZE_MAX * scale, width) }))
  let best = []
  for (let round = 0; round < ROUNDS_MAX && best.length < words.length; round++) {
    const placed = await layout(sized(0.9 ** round))
    if (placed.length > best.length) best = placed
  }
  figure.replaceChildren(svgOf(best))
  return words.length - best.length
}

/** Upright as well as across, every word must fit the box. */
function fit(text, size, width) {
  const room = (Math.min(WIDTH, HEIGHT) - 4 * PADDING) / width(text)
  return Math.min(Math.max(SIZE_MIN, size), room)
}

/** How wide a text is at size 1. */
function measurer() {
  const context = document.createElement('canvas').getContext('2d')
  context.font = `bold ${SIZE_MAX}px ${FONT}`
  return (text) => context.measureText(text).width / SIZE_MAX
}

function layout(words) {
  const random = seeded(words.length)
  return new Promise((resolve) => {
    window.d3.layout
      .cloud()
      .size([WIDTH, HEIGHT])
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
      'font-weight': 'bold',
      fill: COLOURS[i % COLOURS.length],
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

function element(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

export const svgFile = (figure) =>
  new Blob([new XMLSerializer().serializeToString(figure.querySelector('svg'))], { type: 'image/svg+xml' })

/** Twice as fine as the page, on the page's own ground. */
export function toPng(figure) {
  const image = new Image(WIDTH * 2, HEIGHT * 2)
  return new Promise((resolve, reject) => {
    image.onerror = () => reject(new Error('The picture could not be drawn.'))
    image.onload = () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH * 2, height: HEIGHT * 2 })
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
