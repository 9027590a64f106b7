import { createTestDatabase } from '@hokku/postgres/testing'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { portOf } from '@hokku/kit/port-of'
import { chromium, type Browser } from 'playwright-core'
import { setupExample } from '../cli/commands/setup-example.ts'
import { readStudy, type Environment } from '../configuration/config.ts'
import { startStudy } from '../serve/start.ts'

/** A real browser, without a window. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })

/** The stroop example, served for real on its own database. */
export async function serveExample(
  options: Readonly<{ files?: Readonly<Record<string, string>>; env?: Environment }> = {},
) {
  const parent = mkdtempSync(join(tmpdir(), 'hokku-example-'))
  await setupExample(parent, () => {})
  const directory = join(parent, 'psiturk-example')
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  const database = await createTestDatabase()
  const env = {
    HOME: parent,
    PSITURK_LOGFILE: '/dev/null',
    ...options.env,
    DATABASE_URL: database.url,
  }
  const study = readStudy(directory, env)
  const running = await startStudy(study)
  await running.app.listen({ host: '127.0.0.1', port: 0 })
  const port = portOf(running.app.server)
  const close = async (): Promise<void> => {
    await running.stop()
    await database.drop()
    rmSync(parent, { recursive: true, force: true })
  }
  return { url: `http://127.0.0.1:${port}`, directory, study, running, env, close }
}
