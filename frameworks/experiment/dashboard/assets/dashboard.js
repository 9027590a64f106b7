/** What the dashboard's pages do in the browser: actions, the mode, the balance, plots. */
/* global Plot */

const outcome = document.querySelector('#outcome')

/** Sends a request to the API; failures come back as text. */
async function ask(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const value = text === '' ? undefined : JSON.parse(text)
  if (!answer.ok) throw new Error(value?.message ?? `The server answered ${answer.status}.`)
  return value
}

function describe(value) {
  if (!Array.isArray(value)) return 'Done.'
  const failed = value.filter((one) => one.status !== 'success')
  const lines = failed.map((one) => `${JSON.stringify(one.data)}: ${one.exception ?? one.message}`)
  return [`${value.length - failed.length} done, ${failed.length} failed.`, ...lines].join('\n')
}

async function act(button) {
  const { method, url, body, confirm: question } = button.dataset
  if (question && !window.confirm(question)) return
  button.disabled = true
  outcome.textContent = 'Working …'
  try {
    const value = await ask(method, url, body ? JSON.parse(body) : undefined)
    if (value?.job) await follow(value.job)
    else outcome.textContent = describe(value)
    setTimeout(() => location.reload(), 900)
  } catch (error) {
    outcome.textContent = error.message
  } finally {
    button.disabled = false
  }
}

/** Shows a background job until it ends. */
async function follow(id) {
  for (;;) {
    const job = await ask('GET', `/api/jobs/${id}`)
    outcome.replaceChildren(
      Object.assign(document.createElement('progress'), { max: job.total || 1, value: job.done }),
      `${job.done} of ${job.total}`,
    )
    if (job.ended || job.lost) {
      outcome.textContent = job.lost
        ? 'The job was interrupted; start it again.'
        : describe(job.outcomes)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

for (const button of document.querySelectorAll('button.action')) {
  button.addEventListener('click', () => act(button))
}

for (const form of document.querySelectorAll('form[data-api]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const fields = [...new FormData(form)].map(([name, value]) => [
      name,
      form.elements[name].type === 'number' ? Number(value) : value,
    ])
    try {
      const value = await ask(
        form.dataset.method ?? 'POST',
        form.dataset.api,
        Object.fromEntries(fields),
      )
      if (value?.job) await follow(value.job)
      location.reload()
    } catch (error) {
      outcome.textContent = error.message
    }
  })
}

document.querySelector('button.mode')?.addEventListener('click', async (event) => {
  const next = event.target.dataset.mode === 'live' ? 'sandbox' : 'live'
  if (
    next === 'live' &&
    !window.confirm('In live mode HITs are real and workers are paid real money.')
  )
    return
  await ask('POST', '/dashboard/mode', { mode: next })
  location.reload()
})

const balance = document.querySelector('#balance')
if (balance) {
  ask('GET', '/api/services_manager')
    .then((account) => {
      balance.textContent =
        account.amt_balance === 'unavailable' ? 'no MTurk account' : `$${account.amt_balance}`
    })
    .catch(() => {
      balance.textContent = ''
    })
}

/** Colours that read on both backgrounds. */
const HUES = [
  '#4c7fe0',
  '#e08a3c',
  '#3aa76d',
  '#c65b8f',
  '#8a6fd1',
  '#7d8590',
  '#b79b2e',
  '#3f9fb5',
]

const style = { background: 'none', color: 'inherit', fontSize: '12px', overflow: 'visible' }

function draw(id, options) {
  const figure = document.querySelector(`#${id} figure`)
  if (figure)
    figure.replaceChildren(
      Plot.plot({
        width: Math.max(280, figure.clientWidth),
        height: 250,
        marginBottom: 42,
        style,
        ...options,
      }),
    )
}

function drawFunnel(funnel) {
  draw('funnel', {
    marginLeft: 90,
    x: { label: 'participants', grid: true },
    y: { label: null, domain: funnel.map((step) => step.step) },
    marks: [
      Plot.barX(funnel, { x: 'count', y: 'step', fill: HUES[0] }),
      Plot.text(funnel, {
        x: 'count',
        y: 'step',
        text: 'count',
        textAnchor: 'start',
        dx: 5,
        fill: 'currentColor',
      }),
      Plot.ruleX([0]),
    ],
  })
}

function drawBalance(cells) {
  draw('balance-plot', {
    x: { label: 'condition / counterbalance', type: 'band' },
    y: { label: 'counted participants', grid: true },
    marks: [Plot.barY(cells, { x: 'cell', y: 'count', fill: HUES[2] }), Plot.ruleY([0])],
  })
}

function drawDropOut(reached) {
  draw('drop-out', {
    x: { label: 'trials recorded' },
    y: { label: 'participants', grid: true, zero: true },
    marks: [
      Plot.areaY(reached, {
        x: 'trial',
        y: 'participants',
        fill: HUES[0],
        fillOpacity: 0.2,
        curve: 'step-after',
      }),
      Plot.lineY(reached, { x: 'trial', y: 'participants', stroke: HUES[0], curve: 'step-after' }),
    ],
  })
}

function drawTimes(times) {
  const conditions = [...new Set(times.map((time) => time.condition))].sort((a, b) => a - b)
  draw('times', {
    x: { label: 'response time (ms)' },
    y: { label: 'trials', grid: true },
    color: { domain: conditions, range: HUES, legend: conditions.length > 1 },
    marks: [
      Plot.rectY(times, Plot.binX({ y: 'count' }, { x: 'rt', fill: 'condition', thresholds: 30 })),
      Plot.ruleY([0]),
    ],
  })
}

const overview = document.querySelector('#plots')
if (overview) {
  const show = async () => {
    const data = await ask('GET', `/dashboard/overview.json${location.search}`)
    drawFunnel(data.funnel)
    drawBalance(data.cells)
    drawDropOut(data.sample.reached)
    drawTimes(data.sample.times)
    for (const { step, count } of data.funnel) {
      const card = document.querySelector(`[data-step="${step}"] b`)
      if (card) card.textContent = count
    }
  }
  const LIVE_MS = 5000
  show().catch((error) => {
    outcome.textContent = error.message
  })
  setInterval(() => {
    if (document.visibilityState === 'visible') show().catch(() => {})
  }, LIVE_MS)
  addEventListener('resize', () => show().catch(() => {}))
}
