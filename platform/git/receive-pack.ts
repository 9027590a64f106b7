import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { once } from 'node:events'
import { exitOf, gitEnvironment } from './git.ts'
import { parsePush, type Push } from './hook.ts'
import type { Repository } from './repository.ts'

/** Judges a push: prints to the client and says whether git may accept it. */
export type Judge = (push: Push, print: (text: Uint8Array) => Promise<void>) => Promise<boolean>

export type GitExchange = Readonly<{
  /** The request's body, no longer compressed. */
  body: Readable
  /** The answer's body; may be closed by the client at any time. */
  answer: Writable
  /** Value of the `Git-Protocol` header. */
  protocol: string | undefined
}>

export type PushExchange = GitExchange &
  Readonly<{
    /** Bytes that the push may have; git ends it there, in its own words. */
    bytesMax: number
  }>

/**
 * Receives a push with git's own `receive-pack`. A client that goes away stops nothing: the judge
 * continues, and the refs are updated when it accepts.
 */
export async function receivePack(
  repository: Repository,
  exchange: PushExchange,
  judge: Judge,
): Promise<void> {
  const hooks = `core.hooksPath=${repository.hooks}`
  const child = spawn(
    'git',
    [
      '-c',
      hooks,
      '-c',
      KEEP_ALIVE,
      '-c',
      SHALLOW,
      '-c',
      // 0 would mean no limit.
      `receive.maxInputSize=${Math.max(1, Math.floor(exchange.bytesMax))}`,
      ...FSCK,
      'receive-pack',
      '--stateless-rpc',
      repository.folder,
    ],
    {
      env: gitEnvironment(protocolVariable(exchange.protocol)),
      stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  const [input, output, , report, printed, verdict] = child.stdio as unknown as Pipes
  for (const stream of [input, printed, verdict]) stream.on('error', () => {})
  exchange.body.on('error', () => input.destroy())
  exchange.body.pipe(input)
  const judged = judgeHook(report, printed, verdict, judge)
  await Promise.all([exitOf(child), forward(output, exchange.answer), judged])
}

/** Standard input and output, no standard error, and the three of the hook. */
type Pipes = [Writable, Readable, null, Readable, Writable, Writable]

/** Seconds of silence after which git sends an empty packet, so that nothing in between hangs up. */
const KEEP_ALIVE = 'receive.keepAlive=10'

/** Checkouts of CI services are shallow; git would refuse them, and only after the release. */
const SHALLOW = 'receive.shallowUpdate=true'

/**
 * Malformed trees and hostile `.gitmodules` are refused in git's own words. Faults that old tools
 * left in the history of many public repositories, and that harm nothing, are let through.
 */
const FSCK = [
  'receive.fsckObjects=true',
  ...[
    'badTimezone',
    'missingEmail',
    'missingNameBeforeEmail',
    'missingSpaceBeforeDate',
    'missingSpaceBeforeEmail',
    'zeroPaddedFilemode',
  ].map((fault) => `receive.fsck.${fault}=warn`),
].flatMap((setting) => ['-c', setting])

export const protocolVariable = (protocol: string | undefined): Record<string, string> =>
  protocol !== undefined && /^[\w=:.-]{1,100}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}

async function judgeHook(
  report: Readable,
  printed: Writable,
  verdict: Writable,
  judge: Judge,
): Promise<void> {
  const push = await pushOf(report)
  const accepted =
    push !== undefined && (await judge(push, (text) => writeTo(printed, text)).catch(() => false))
  printed.end()
  verdict.end(accepted ? '0\n' : '1\n')
}

/** The hook's report; undefined when git ended without running it (nothing to update). */
async function pushOf(report: Readable): Promise<Push | undefined> {
  let text = ''
  for await (const chunk of report.setEncoding('utf8')) {
    text += chunk as string
    const push = parsePush(text)
    if (push !== undefined || text.length > PUSH_LENGTH_MAX) return push
  }
  return undefined
}

/** Length of the list of refs in one push. */
const PUSH_LENGTH_MAX = 4 * 1024 * 1024

/** Writes as fast as the other end takes it; to a closed end nothing is written. */
async function writeTo(stream: Writable, chunk: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return
  if (stream.write(chunk)) return
  await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => {})
}

/** Passes everything on; when the client has gone, reads to the end all the same. */
export async function forward(from: Readable, to: Writable): Promise<void> {
  to.on('error', () => {})
  for await (const chunk of from) await writeTo(to, chunk as Buffer)
  to.end()
}
