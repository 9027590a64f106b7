import cluster from 'node:cluster'
import { codeOf } from '@hokku/kit/error-code'
import type { Study } from '../../configuration/config.ts'
import { loadCustom } from '../../custom/load-custom.ts'
import { findPython } from '../../custom/python-program.ts'
import { processCount, superviseProcesses } from '../../serve/processes.ts'
import { requirePages, startStudy, type RunningStudy } from '../../serve/start.ts'
import { problem } from '../../problems.ts'
import { openStudyDatabase } from '../../store/open-database.ts'
import { psiturkCommand } from '../host.ts'
import { rememberServer } from '../server-process.ts'
import type { Session } from '../session.ts'
import { studyFor, WITHOUT_CUSTOM } from '../without-custom.ts'

/** What a dyno runs. */
export const command = psiturkCommand({
  summary: 'Runs the study in the foreground, until SIGTERM or Ctrl-C.',
  options: WITHOUT_CUSTOM,
  run: (session, { options }) => serve(session, studyFor(session.study, options)),
})

async function serve(session: Session, study: Study): Promise<number> {
  const stopping = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => stopping.abort())
  }
  if (cluster.isWorker) {
    // All processes have the same to say: one says it.
    const print = cluster.worker?.id === 1 ? session.print : (): void => {}
    try {
      return await serveHere(study, stopping.signal, { print, onListening: () => {} })
    } finally {
      // The channel to the parent would keep this process alive, also one that could not start.
      cluster.worker?.disconnect()
    }
  }
  const count = processCount(study.settings.server)
  const onListening = (): void => {
    if (!study.isOnCloud) void rememberServer(study.directory, process.pid)
    session.print(
      `Now serving on ${addressOf(study)}${count === 1 ? '' : ` with ${count} processes`}`,
    )
  }
  // A host starts a process that has ended again; elsewhere we do, unless one process is configured.
  if (count === 1 && (study.isOnCloud || study.settings.server.threads === 1)) {
    return serveHere(study, stopping.signal, { print: session.print, onListening })
  }
  // Once before the processes start: what is wrong is then said once.
  requirePages(study)
  const { pool } = await openStudyDatabase(study, { connections: 1 })
  await pool.end()
  if ((await loadCustom(study.directory)).hasPython && !study.settings.server.without_custom)
    findPython(study, session.print)
  const isFine = await superviseProcesses(count, stopping.signal, onListening)
  return isFine ? 0 : 1
}

/** The address to print and to open in a browser. */
export function addressOf(study: Study): string {
  const { host, port, certfile, keyfile } = study.settings.server
  const isSecure = certfile !== '' && keyfile !== ''
  return `${isSecure ? 'https' : 'http'}://${host}:${port}`
}

async function serveHere(
  study: Study,
  signal: AbortSignal,
  { print, onListening }: Readonly<{ print: (text: string) => void; onListening: () => void }>,
): Promise<number> {
  const endAtOnce = (): never => process.exit(0)
  // Who stops a study that is still starting does not wait for its Python or its database.
  signal.addEventListener('abort', endAtOnce, { once: true })
  const running = await startStudy(study)
  for (const notice of running.notices) {
    running.server.log.warning(notice)
    print(`Notice: ${notice}`)
  }
  await listen(running, study)
  signal.removeEventListener('abort', endAtOnce)
  onListening()
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  // A host kills after 30 seconds; a visitor who never stops sending must not cost the others.
  const deadline = setTimeout(() => process.exit(1), STOP_MS)
  await running.stop()
  clearTimeout(deadline)
  return 0
}

const STOP_MS = 25_000

/** @throws Problem `server_unavailable` where the port or the host cannot be used */
export async function listen(running: RunningStudy, study: Study): Promise<void> {
  const { host, port, server_timeout } = study.settings.server
  running.app.server.requestTimeout = Math.max(server_timeout, SLOWEST_UPLOAD_S) * 1000
  try {
    await running.app.listen({ host, port })
  } catch (error) {
    await running.stop()
    const code = codeOf(error)
    const reason = code === 'EADDRINUSE' ? 'another program uses it' : (code ?? 'unknown')
    throw problem('server_unavailable', `Port ${port} of ${host} cannot be used: ${reason}.`, {
      cause: error,
      hint: 'Stop the other one (psiturk server off), or set port in [Server Parameters] or PORT.',
    })
  }
}

/** A large document over a slow line takes minutes; cutting it off would lose it. */
const SLOWEST_UPLOAD_S = 300
