import type { FastifyInstance } from '@hokku/kit/http'
import { openPool } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readStudy, type Environment } from '../configuration/config.ts'
import { createTemplates } from '../pages/templates.ts'
import { createTables, tablesOf } from '../store/tables.ts'
import { createStudyApp } from './app.ts'
import { templateGlobals } from './globals.ts'
import type { Log } from '../http/log.ts'
import { createStudyServer } from '../http/study-server.ts'

/** Pages with which the participant flow can be followed in a test. */
export const PAGES: Readonly<Record<string, string>> = {
  'templates/ad.html':
    '<a href="/consent?hitId={{ hitid }}&assignmentId={{ assignmentid }}&workerId={{ workerid }}">ad for {{ workerid }} in {{ mode }}</a>',
  'templates/consent.html':
    '<a href="/exp?hitId={{ hitid }}&assignmentId={{ assignmentid }}&workerId={{ workerid }}">consent</a>',
  'templates/exp.html':
    '<!doctype html><html><head><title>x</title></head><script>var uniqueId = "{{ uniqueId }}", condition = "{{ condition }}", loc = "{{ adServerLoc }}"</script></html>',
  'templates/error.html': '<b>Error</b>: {{ errornum }} {{ contact_address }} {{ hitId }}',
  'templates/page.html': 'raw {{ hitid }}',
  'static/a.txt': 'file',
  'static/js/psiturk.js': 'an old copy',
  'static/.secret': 'hidden',
}

export type TestStudyOptions = Readonly<{
  files?: Readonly<Record<string, string>>
  config?: string
  env?: Environment
}>

/** A study in its own folder, on its own database, ready for `app.inject`. */
export async function openTestStudy(options: TestStudyOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'hokku-study-'))
  const files = { ...PAGES, 'config.txt': options.config ?? '', ...options.files }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  const database = await createTestDatabase()
  const env = { HOME: directory, ...options.env, DATABASE_URL: database.url }
  const study = readStudy(directory, env)
  const pool = openPool(database.url, { max: 4, isPipelined: true })
  const tables = tablesOf(study.settings.database)
  await createTables(pool, tables)
  const errors: string[] = []
  const server = await createStudyServer({
    study,
    tables,
    pool,
    templates: createTemplates(directory, templateGlobals(study), { watch: false }),
    log: recordErrors(errors),
  })
  const close = async (): Promise<void> => {
    await pool.end()
    await database.drop()
    rmSync(directory, { recursive: true, force: true })
  }
  return { directory, study, server, app: createStudyApp(server), errors, url: database.url, close }
}

const recordErrors = (errors: string[]): Log => ({
  debug: () => {},
  info: () => {},
  warning: () => {},
  error: (text, error) => void errors.push(`${text}: ${String(error)}`),
  access: () => {},
  close: async () => {},
})

/** What a browser asks of a study. */
export function browserOf(app: FastifyInstance) {
  return {
    visit: (url: string, headers: Readonly<Record<string, string>> = {}) =>
      app.inject({ url, headers: { 'user-agent': CHROME, 'accept-language': 'fr', ...headers } }),
    form: (url: string, fields: Readonly<Record<string, string>>) =>
      app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      }),
    put: (uniqueId: string, payload: string, headers: Readonly<Record<string, string>> = {}) =>
      app.inject({
        method: 'PUT',
        url: `/sync/${encodeURIComponent(uniqueId)}`,
        headers: { 'content-type': 'application/json', ...headers },
        payload,
      }),
  }
}

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36'

/** The parameters of a participant's addresses. */
export const ids = (worker: string, hit = 'H'): string =>
  `hitId=${hit}&assignmentId=A${worker}&workerId=${worker}`
