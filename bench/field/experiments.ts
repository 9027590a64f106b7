import { createTestDatabase } from '@hokku/postgres/testing'
import { openPool } from '@hokku/postgres'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { portOf } from '@hokku/kit/port-of'
import { chromium, type Page } from 'playwright-core'

/**
 * `node bench/field/experiments.ts STUDY_FOLDER [--seconds 60] [--documents FILE --plain PYTHON]`
 *
 * Serves a study as it lies and lets a robot in Chromium take part: at random, until the last page or
 * the time is over. With documents (a JSON object: name → document), stores each as a participant's
 * own, asks the study for the bonus, and compares it with what its custom.py computes alone.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    documents: { type: 'string' },
    plain: { type: 'string', default: 'python3' },
  },
})

const root = join(import.meta.dirname, '../..')
const folder = resolve(positionals[0] ?? '.')
const database = await createTestDatabase()
const pool = openPool(database.url, { max: 2 })
const port = await freePort()
const home = mkdtempSync(join(tmpdir(), 'hokku-field-'))
const child = spawn(join(root, 'frameworks/experiment/bin/psiturk'), ['serve'], {
  cwd: folder,
  env: {
    ...process.env,
    HOME: home,
    HOKKU_HOME: join(tmpdir(), 'hokku-test-python'),
    DATABASE_URL: database.url,
    PORT: String(port),
    PSITURK_HOST: '127.0.0.1',
    PSITURK_THREADS: '1',
    PSITURK_TABLE_NAME: 'assignments',
  },
  stdio: ['ignore', 'pipe', 'pipe'],
})
child.stderr.pipe(process.stderr)
const base = `http://127.0.0.1:${port}`

try {
  if (await isServed()) {
    if (values.documents === undefined) await play()
    else await compare(values.documents)
  }
} finally {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
  await pool.end()
  await database.drop()
  rmSync(home, { recursive: true, force: true })
}

async function isServed(): Promise<boolean> {
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line)
    if (line.startsWith('Now serving')) return true
  }
  return false
}

async function play(): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const page = await (await browser.newContext()).newPage()
  const faults = new Set<string>()
  page.on('pageerror', (error) => faults.add(error.message.slice(0, 200)))
  page.on('response', (answer) => {
    if (answer.status() >= 400) faults.add(`${answer.status()} ${answer.url().slice(base.length)}`)
  })
  page.on('dialog', (dialog) => void dialog.accept().catch(() => {}))
  const ids = 'hitId=debugR&assignmentId=debugR&workerId=debugR&mode=debug'
  for (const path of ['ad', 'consent', 'exp']) await page.goto(`${base}/${path}?${ids}`)
  const until = Date.now() + Number(values.seconds) * 1000
  while (Date.now() < until && !page.url().includes('/complete')) {
    await act(page).catch(() => {})
    await page.waitForTimeout(120)
  }
  const { rows } = await pool.query<Record<string, unknown>>(
    `select status, bonus, json_array_length(datastring::json -> 'data') as trials,
       (select count(*)::int from experiment_saves) as saves from assignments`,
  )
  console.log(JSON.stringify({ url: page.url(), ...rows[0], faults: [...faults].slice(0, 12) }))
  await browser.close()
}

/** One thing that a participant might do: answer what is open, continue, or press a key. */
async function act(page: Page): Promise<void> {
  await page.evaluate(`(function () {
    document.querySelectorAll('select').forEach(function (s) {
      s.selectedIndex = s.options.length - 1
      s.dispatchEvent(new Event('change', { bubbles: true }))
    })
    document.querySelectorAll('input[type=text], input[type=number], input:not([type]), textarea').forEach(function (i) {
      if (!i.value) { i.value = '30'; i.dispatchEvent(new Event('input', { bubbles: true })) }
    })
    var choices = Array.from(document.querySelectorAll('input[type=radio], input[type=checkbox]'))
    if (choices.length) choices[Math.floor(Math.random() * choices.length)].click()
  })()`)
  const buttons = await page
    .locator(
      'button:visible, input[type=button]:visible, input[type=submit]:visible, .continue:visible, a.btn:visible',
    )
    .all()
  const forward =
    buttons.length > 0 ? buttons[Math.floor(Math.random() * buttons.length)] : undefined
  await forward?.click({ timeout: 500 })
  for (const key of ['r', 'g', 'b', 'f', 'j', ' ', 'Enter', 'ArrowRight'])
    await page.keyboard.press(key)
}

async function compare(file: string): Promise<void> {
  const documents: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const texts: Record<string, string> = {}
  for (const [name, document] of Object.entries(documents ?? {})) {
    await fetch(`${base}/exp?hitId=H&assignmentId=A&workerId=${name}&mode=live`)
    const id = `${name}:A`
    const saved = await fetch(`${base}/sync/${encodeURIComponent(id)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    })
    const answer = await fetch(`${base}/compute_bonus?uniqueId=${encodeURIComponent(id)}`)
    console.log(`${id}: saved ${saved.status}, compute_bonus ${answer.status}`)
  }
  const { rows } = await pool.query<{ uniqueid: string; bonus: number; datastring: string }>(
    'select uniqueid, bonus, datastring from assignments order by uniqueid',
  )
  for (const { uniqueid, datastring } of rows) texts[uniqueid] = datastring
  const plain = spawnSync(values.plain, [join(import.meta.dirname, 'plain-bonus.py'), folder], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
  })
  if (plain.status !== 0) throw new Error(plain.stderr)
  const alone: unknown = JSON.parse(plain.stdout)
  const marks = await pool.query('select uniqueid, reason from experiment_bonus_marks')
  console.log(
    JSON.stringify(
      { ours: rows.map(({ uniqueid, bonus }) => [uniqueid, bonus]), alone, marks: marks.rows },
      null,
      1,
    ),
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}
