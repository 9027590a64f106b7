import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { runProgram } from '@hokku/kit/command-line'
import { markOf } from '@hokku/kit/process-mark'
import { homeAt, type Home } from '../store/index.ts'
import { supervisorFile } from './installation.ts'
import { hokku } from './program.ts'

/** What a control plane answers, by `GET /hokku/people`. */
export type Answers = Readonly<Record<string, unknown>>

/** A home whose platform seems to run: this process is its supervisor, `port` the router's. */
export function makeRunningHome(context: TestContext, port = 8080): Home {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-cli-')))
  context.after(() => rmSync(home.root, { recursive: true, force: true }))
  for (const folder of [home.run, home.logs, home.backups]) mkdirSync(folder, { recursive: true })
  const address = { port, domain: 'localhost', bind: '127.0.0.1' }
  writeFileSync(supervisorFile(home), JSON.stringify({ supervisor: markOf(process.pid), address }))
  writeFileSync(home.token, 'of-owner\n')
  return home
}

/**
 * Answers requests in the place of the control plane of a home; what is not in `answers` gets 404
 * with a message.
 *
 * @returns requests so far: `POST /hokku/invitations {"email":"…"}`
 */
export async function answerAsPlane(
  context: TestContext,
  home: Home,
  answers: Answers,
): Promise<string[]> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`
    void text(request).then((body) => {
      requests.push(`${route} ${body}`.trimEnd())
      const answer = answers[route]
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { message: `There is no ${route}.\nTry: hokku help` }))
    })
  })
  server.listen(join(home.run, 'plane.sock'))
  await once(server, 'listening')
  context.after(() => close(server))
  return requests
}

function close(server: Server): void {
  server.closeAllConnections()
  server.close()
}

/** Runs a command of `hokku` in this process, and keeps what it prints. */
export async function runHokku(
  context: TestContext,
  home: Home,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string; errors: string }> {
  const out: string[] = []
  const err: string[] = []
  const log = context.mock.method(console, 'log', (...line: unknown[]) => out.push(line.join(' ')))
  const error = context.mock.method(console, 'error', (...line: unknown[]) =>
    err.push(line.join(' ')),
  )
  const write = context.mock.method(process.stderr, 'write', (piece: string) => {
    err.push(piece.trimEnd())
    return true
  })
  try {
    const code = await runProgram(hokku, [...words], { HOKKU_HOME: home.root, ...env })
    const plain = (lines: string[]): string => stripVTControlCharacters(lines.join('\n'))
    return { code, output: plain(out), errors: plain(err) }
  } finally {
    for (const mocked of [log, error, write]) mocked.mock.restore()
  }
}
