/** What the dashboard's pages do in the browser: actions, the mode, the balance. */

const outcome = document.querySelector('#outcome')

/**
 * Sends a request to the API; failures come back as text.
 *
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer's JSON
 */
export async function ask(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (answer.redirected) {
    // The login has ended meanwhile: the page itself leads there.
    location.reload()
    return new Promise(() => {})
  }
  const text = await answer.text()
  const value = text === '' ? undefined : JSON.parse(text)
  if (!answer.ok) throw new Error(value?.message ?? `The server answered ${answer.status}.`)
  return value
}

/**
 * @param {string} text
 * @param {HTMLElement} [bar] how far it is
 */
export const tell = (text, bar) =>
  outcome?.replaceChildren(...(bar === undefined ? [] : [bar]), text)

/** @param {any} value what an action answered; a list has an outcome for each thing */
function describe(value) {
  if (!Array.isArray(value)) return { text: 'Done.', isFine: true }
  const failed = value.filter((one) => one.status !== 'success')
  const lines = failed.map((one) => `${nameOf(one.data)}: ${one.exception ?? one.message}`)
  const text = [`${value.length - failed.length} done, ${failed.length} failed.`, ...lines]
  return { text: text.join('\n'), isFine: failed.length === 0 }
}

/** @param {Record<string, string | undefined>} data */
const nameOf = (data) => data['uniqueId'] ?? data['assignmentId'] ?? data['hitId'] ?? ''

/**
 * Does what a button or a form asks for, and shows the page anew if all went well.
 *
 * @param {DOMStringMap} wish `method`, `url` and the question to ask first
 * @param {unknown} body
 */
async function act({ method = 'POST', url = '', confirm: question }, body) {
  if (question && !window.confirm(question)) return
  tell('Working …')
  try {
    const value = await ask(method, url, body)
    const { text, isFine } = describe(value?.job ? await follow(value.job) : value)
    tell(text)
    if (isFine) setTimeout(() => location.reload(), TIME_TO_READ_MS)
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error))
  }
}

const TIME_TO_READ_MS = 900
const POLL_MS = 500

/**
 * Shows a background job until it ends.
 *
 * @param {string} id
 */
async function follow(id) {
  for (;;) {
    const job = await ask('GET', `/api/jobs/${id}`)
    if (job.lost) throw new Error('The job was interrupted; start it again.')
    if (job.ended) return job.outcomes
    const bar = Object.assign(document.createElement('progress'), {
      max: job.total || 1,
      value: job.done,
    })
    tell(`${job.done} of ${job.total}`, bar)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

for (const button of document.querySelectorAll('button.action')) {
  if (!(button instanceof HTMLButtonElement)) continue
  button.addEventListener('click', async () => {
    button.disabled = true
    await act(
      button.dataset,
      button.dataset['body'] ? JSON.parse(button.dataset['body']) : undefined,
    )
    button.disabled = false
  })
}

for (const form of document.querySelectorAll('form[data-api]')) {
  if (!(form instanceof HTMLFormElement)) continue
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const fields = [...new FormData(form)].map(([name, value]) => {
      const field = form.elements.namedItem(name)
      const isNumber = field instanceof HTMLInputElement && field.type === 'number'
      return [name, isNumber ? Number(value) : value]
    })
    void act({ ...form.dataset, url: form.dataset['api'] }, Object.fromEntries(fields))
  })
}

const mode = document.querySelector('button.mode')
if (mode instanceof HTMLButtonElement) {
  mode.addEventListener('click', async () => {
    const next = mode.dataset['mode'] === 'live' ? 'sandbox' : 'live'
    const warning = 'In live mode HITs are real and workers are paid real money.'
    if (next === 'live' && !window.confirm(warning)) return
    await ask('POST', '/dashboard/mode', { mode: next })
    location.reload()
  })
}

const balance = document.querySelector('#balance')
if (balance !== null) {
  ask('GET', '/api/services_manager')
    .then(({ amt_balance: dollars, aws_access_key_id: key }) => {
      const isKnown = dollars !== 'unavailable'
      balance.textContent = isKnown
        ? `$${dollars} · ${key || 'key of this machine'}`
        : 'no MTurk account'
    })
    .catch(() => {
      balance.textContent = ''
    })
}
