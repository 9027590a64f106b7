import { parseLine } from './log-line.js'

/** More would make the page slow, and `heroku logs` keeps 1,500 as well. */
const LINES_MAX = 1500

/**
 * Shows an app's log as it comes. It follows the newest line until someone scrolls up.
 *
 * @param {HTMLElement} log element that says in `data-log` where the lines come from
 */
export function showLog(log) {
  const state = log.parentElement?.querySelector('.log-state')
  /** @type {string[]} */
  let pending = []
  const say = (/** @type {string} */ text) => {
    if (state !== null && state !== undefined) state.textContent = text
  }
  const draw = () => {
    const isFollowing = log.scrollHeight - log.scrollTop - log.clientHeight < 40
    log.append(...pending.map(lineElement))
    pending = []
    while (log.childElementCount > LINES_MAX) log.firstElementChild?.remove()
    if (isFollowing) log.scrollTop = log.scrollHeight
  }
  log.replaceChildren()
  const events = new EventSource(log.dataset['log'] ?? '')
  events.addEventListener('open', () => say('live'))
  events.addEventListener('error', () => say('connecting …'))
  events.addEventListener('message', ({ data }) => {
    if (pending.length === 0) requestAnimationFrame(draw)
    // A page in the background is not drawn, but keeps getting lines.
    pending = [...pending, ...String(data).split('\n')].slice(-LINES_MAX)
  })
}

/** @param {string} text */
function lineElement(text) {
  const { time, process, message, kind, isBad } = parseLine(text)
  const line = document.createElement('div')
  line.className = 'line'
  line.append(
    part('when', time === null ? '' : new Date(time).toLocaleTimeString([], { hour12: false })),
    part(`from from-${kind}`, process),
    part(isBad ? 'text bad' : 'text', message),
  )
  line.title = time ?? ''
  return line
}

/**
 * @param {string} className
 * @param {string} text
 */
function part(className, text) {
  const span = document.createElement('span')
  span.className = className
  span.textContent = text
  return span
}
