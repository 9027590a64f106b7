import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

/** The web process as it runs without any add-on: everything embedded. */
const folder = mkdtempSync(join(tmpdir(), 'wordcloud-'))
const UPLOAD_BYTES_MAX = 5_000_000
let child: ChildProcess
let origin: string

before(async () => {
  child = spawn(process.execPath, [join(import.meta.dirname, 'web.ts')], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(20_000 + Math.floor(Math.random() * 20_000)),
      DATA_FOLDER: folder,
      UPLOAD_BYTES_MAX: String(UPLOAD_BYTES_MAX),
      FLASK_SECRET_KEY: 'a secret',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  origin = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`web exited with ${code}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      const port = /listening on (\d+)/.exec(chunk.toString())?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
  })
})

after(() => {
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const JSON_ONLY = { accept: 'application/json' }

function formOf(name: string | undefined, content: string | Buffer | undefined, filename = 'a.txt'): FormData {
  const form = new FormData()
  if (name !== undefined) form.set('document-name', name)
  if (content !== undefined) form.set('input-file', new Blob([content]), filename)
  return form
}

const post = (body: FormData, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${origin}/`, { method: 'POST', body, headers })

type Described = {
  id: string
  slug: string
  name: string
  version: number
  status: string
  error: string | null
  unreadable: number
  counts: Record<string, number> | null
  links: { self: string; events: string; cloud: string }
}

async function upload(name: string, content: string | Buffer, filename?: string): Promise<Described> {
  const response = await post(formOf(name, content, filename), JSON_ONLY)
  assert.equal(response.status, 202, await response.clone().text())
  return (await response.json()) as Described
}

/** The events of a version until its stream ends. */
async function eventsOf({ links }: Described): Promise<{ event: string; id: string; data: Described }[]> {
  const text = await (await fetch(origin + links.events)).text()
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
    if (field('event') === '') return []
    return [{ event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Described }]
  })
}

async function counted(name: string, content: string | Buffer, filename?: string): Promise<Described> {
  const made = await upload(name, content, filename)
  await eventsOf(made)
  return (await (await fetch(origin + made.links.self)).json()) as Described
}

test('the form is answered with the page itself, its banner links to the file and to the cloud', async () => {
  const response = await post(formOf('Rain & <b>', 'rain rain sun', 'Text.TXT'))
  const page = await response.text()

  assert.equal(response.status, 200)
  assert.match(page, /"Rain &amp; &lt;b&gt;" uploaded to S3 as <a href="[^"]+">files\/[0-9a-f]{32}\.TXT<\/a><br \/>/)
  const address = `${origin}/wordcloud/rain-b`
  assert.ok(page.includes(`Check out your word cloud at <a href="${address}">${address}</a>!`), page)
  const file = /uploaded to S3 as <a href="([^"]+)">/.exec(page)?.[1] ?? ''
  const stored = await fetch(origin + file)
  assert.equal(await stored.text(), 'rain rain sun')
  assert.match(stored.headers.get('content-disposition') ?? '', /^attachment; .*Text\.TXT$/)
})

test('a program gets 202 with links, then state and end as events, then counts', async () => {
  const made = await upload('Links', 'rain rain sun')
  const events = await eventsOf(made)
  const later = await eventsOf(made)
  const { counts, status } = (await (await fetch(origin + made.links.self)).json()) as Described

  assert.deepEqual([made.slug, made.version], ['links', 1])
  assert.equal(events[0]?.event, 'state')
  assert.equal(events.at(-1)?.event, 'done')
  assert.ok(events.every(({ id }) => Number(id) >= 0))
  // A late subscriber hears the same: how it stands, and that it is over.
  assert.deepEqual(later.map(({ event }) => event), ['state', 'done'])
  assert.deepEqual([status, counts], ['done', { rain: 2, sun: 1 }])
})

test('the page has the counts as data, once, that no word breaks out of', async () => {
  await counted('Data', '</script> __proto__ constructor constructor toString 10 9')

  const page = await (await fetch(`${origin}/wordcloud/data`)).text()

  const json = /<script type="application\/json" id="word-counts">(.*?)<\/script>/.exec(page)?.[1] ?? ''
  assert.deepEqual(Object.entries(JSON.parse(json) as object), [
    ['9', 1],
    ['10', 1],
    ['constructor', 2],
    ['proto', 1],
    ['script', 1],
    ['tostring', 1],
  ])
})

test('a document is asked for with its revision, and says when to ask again', async () => {
  const made = await counted('Revisions', 'sun')

  const first = await fetch(origin + made.links.self)
  const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
  const second = await fetch(origin + made.links.self, { headers })

  assert.equal(second.status, 304)
  assert.equal(first.headers.get('retry-after'), null)
})

test('the same name again is a new version; older ones stay, and are deleted one by one', async () => {
  const [first, second] = [await counted('Twice', 'sun'), await counted('twice', 'rain')]
  assert.deepEqual([first.version, second.version, second.slug], [1, 2, 'twice'])
  const wordsAt = async (path: string): Promise<string> => (await fetch(origin + path)).text()

  assert.match(await wordsAt('/wordcloud/twice'), /<td dir="auto">rain</)
  assert.match(await wordsAt('/wordcloud/twice?version=1'), /<td dir="auto">sun</)

  const gone = await fetch(origin + second.links.self, { method: 'DELETE' })
  assert.equal(gone.status, 204)
  assert.match(await wordsAt('/wordcloud/twice'), /<td dir="auto">sun</)
  assert.equal((await fetch(`${origin}${second.links.self}/file`)).status, 404)
  await fetch(origin + first.links.self, { method: 'DELETE' })
  assert.equal((await fetch(`${origin}/wordcloud/twice`)).status, 404)
})

test('deleting from a page goes back with a message, from another site it is refused', async () => {
  const { links } = await counted('Deleted', 'sun')
  const press = (from: string): Promise<Response> =>
    fetch(`${origin}${links.self}/delete`, { method: 'POST', redirect: 'manual', headers: { origin: from } })

  assert.equal((await press('https://evil.example')).status, 403)
  const response = await press(origin)
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = await (await fetch(`${origin}/`, { headers: { cookie } })).text()
  const forged = await (await fetch(`${origin}/`, { headers: { cookie: cookie.replace('=', '=A') } })).text()

  assert.deepEqual([response.status, response.headers.get('location')], [303, '/'])
  assert.match(page, /Version 1 of &quot;Deleted&quot; is deleted\./)
  assert.doesNotMatch(forged, /is deleted/)
})

test('an unknown document is the joke of the tutorial, with 404', async () => {
  const response = await fetch(`${origin}/wordcloud/never`)
  const page = await response.text()

  assert.equal(response.status, 404)
  assert.match(page, /<title>Error<\/title>/)
  assert.match(page, /\{"error": 5, "nosuch": 3, "document": 2, "name": 1\}/)
})

test('/test_connection inserts a fake record, and leaves none unless asked to', async () => {
  for (const path of ['/test_connection', '/test_connection?keep']) {
    const response = await fetch(origin + path)
    const { result, checks } = (await response.json()) as { result: Record<string, string>; checks: object }

    assert.equal(response.status, 200)
    assert.deepEqual(checks, { database: 'embedded', storage: 'embedded', broker: 'embedded' })
    assert.deepEqual(
      { ...result, time_uploaded: '' },
      {
        document_name: 'Fake Document',
        document_slug: 'fake_document',
        s3_key: 'files/does_not_exist.txt',
        time_uploaded: '',
        filename: 'does_not_exist.txt',
      },
    )
    assert.match(result['time_uploaded'] ?? '', /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/)
    const kept = await fetch(`${origin}/wordcloud/fake_document`)
    assert.equal(kept.status, path.endsWith('keep') ? 200 : 404)
  }
})

test('forms that lack something are refused with its name, in any order of fields', async () => {
  const fileFirst = new FormData()
  fileFirst.set('input-file', new Blob(['late name']), 'a.txt')
  fileFirst.set('document-name', 'Late')

  const late = await post(fileFirst, JSON_ONLY)
  const answers = await Promise.all(
    [formOf(undefined, 'sun'), formOf('Sun', undefined), new FormData()].map(async (form) => {
      const response = await post(form)
      return [response.status, /<p>(.*?)<\/p>/.exec(await response.text())?.[1]]
    }),
  )

  assert.equal(((await late.json()) as Described).slug, 'late')
  assert.deepEqual(answers, [
    [400, 'The form has no name: it needs document-name.'],
    [400, 'The form has no file: it needs input-file.'],
    [400, 'The form has no file: it needs input-file.'],
  ])
  for (const type of ['text/plain', 'multipart/form-data', '']) {
    const response = await fetch(`${origin}/`, { method: 'POST', body: 'x', headers: { 'content-type': type } })
    assert.equal(response.status, 415, type)
  }
})

test('names of all kinds are kept whole, and have an address', async () => {
  const names = ['東京', '', ' ', '../../etc/passwd', 'a\0b', '\u202Eright', '%00%2F', 'x'.repeat(10_000), '{{7*7}}', "'; drop table versions"]
  for (const name of names) {
    const made = await counted(name, 'sun', '../../a/b\\c<d>".t*t')

    assert.equal(made.status, 'done')
    const page = await fetch(made.links.cloud.replace(/^http:\/\/[^/]+/, origin))
    assert.equal(page.status, 200, JSON.stringify(name))
    if (name.trim() !== '' && !name.includes('\0')) assert.equal(made.name, name)
  }
  const again = await counted('東京', 'sun')
  assert.equal(again.version, 2)
  const tooLong = await post(formOf('x'.repeat(20_000), 'sun'), JSON_ONLY)
  assert.equal(tooLong.status, 400)
  assert.match(await tooLong.text(), /16384 characters/)
})

test('an empty file is an empty cloud, a binary one fails with the reason, Latin-1 is said', async () => {
  const empty = await counted('Empty', '')
  const binary = await counted('Binary', Buffer.from([7, 0, 7]))
  const latin = await counted('Latin', Buffer.from('caf\xe9 sun', 'latin1'))

  assert.deepEqual([empty.status, empty.counts], ['done', {}])
  assert.deepEqual([binary.status, binary.error], ['failed', 'This is not a text file: it has NUL bytes.'])
  assert.deepEqual([latin.unreadable, latin.counts], [1, { caf: 1, sun: 1 }])
  const noFile = formOf('No file', '', '')
  assert.equal((await post(noFile, JSON_ONLY)).status, 202)
})

test('too large a file is refused before it is sent, or when it turns out to be', async () => {
  const declared = await raw(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99999999999\r\n\r\n`,
  )
  const asked = await fetch(`${origin}/api/documents`, {
    method: 'POST',
    body: JSON.stringify({ name: 'Large', bytes: UPLOAD_BYTES_MAX + 1 }),
  })
  const sent = await post(formOf('Large', 'x '.repeat(UPLOAD_BYTES_MAX / 2 + 1)), JSON_ONLY)

  assert.match(declared, /^HTTP\/1\.1 413 /)
  assert.deepEqual([asked.status, sent.status], [413, 413])
})

test('a browser that goes away in the middle leaves a failed version with the reason', async () => {
  const part = `--b\r\nContent-Disposition: form-data; name="document-name"\r\n\r\nLeft\r\n--b\r\nContent-Disposition: form-data; name="input-file"; filename="a.txt"\r\n\r\n${'sun '.repeat(50_000)}`
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n${part}`,
        () => setTimeout(() => resolve(void socket.destroy()), 300),
      )
    })
  })

  for (;;) {
    const page = await (await fetch(`${origin}/failed`)).text()
    if (/Left<\/a> <small>version 1: The browser went away before the end\./.test(page)) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

test('addresses and methods that are not served get different answers', async () => {
  const cases: readonly (readonly [method: string, path: string, status: number])[] = [
    ['GET', '/nothing', 404],
    ['PUT', '/', 405],
    ['POST', '/test_connection', 405],
    ['GET', '/static/__proto__', 404],
    ['GET', '/static/..%2fconfig.ts', 404],
    ['GET', '/wordcloud/%E0%A4%A', 400],
    ['GET', '/api/documents/not-an-id', 404],
    ['GET', '/api/documents/constructor/events', 404],
    ['PUT', '/api/documents/not-an-id/content', 404],
    ['POST', '/api/documents', 400],
    ['POST', '/api/documents/not-an-id/retry', 409],
    ['HEAD', '/', 200],
  ]
  for (const [method, path, status] of cases) {
    const response = await fetch(origin + path, { method })
    assert.equal(response.status, status, `${method} ${path}`)
    if (status === 405) assert.ok(response.headers.get('allow'))
  }
})

test('a stopping process ends its streams and is gone within ten seconds', async () => {
  const announced = await fetch(`${origin}/api/documents`, { method: 'POST', body: '{"name":"Waiting"}' })
  const { links } = (await announced.json()) as Described
  const stream = await fetch(origin + links.events)
  const startedAt = Date.now()
  child.removeAllListeners('exit')

  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')

  assert.match(await stream.text(), /event: state/)
  assert.equal(await ended, 0)
  assert.ok(Date.now() - startedAt < 10_000)
})

/** What comes back for bytes that no client would send. */
const raw = (request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(request))
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
