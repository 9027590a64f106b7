import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AttachedProcess } from '../engine.ts'
import { END_QUIET_MS, EndOfInput } from './end-of-input.ts'
import { ExitMarkerGuard, isExitMarker } from './exit-marker.ts'

/** Greets the client, which then knows that it is connected. The CLI throws the first piece of data away, whole. */
export async function greetClient(client: Socket): Promise<void> {
  client.setNoDelay(true)
  client.write('rendezvous\r\n')
  await sleep(FIRST_CHUNK_MS)
}

/** So that output does not share a piece of data with the greeting. */
const FIRST_CHUNK_MS = 120

/**
 * Joins a client and a program until the program has ended or the client has left.
 *
 * @returns which of both it was
 */
export async function join(
  client: Socket,
  program: AttachedProcess,
  terminal: boolean,
): Promise<'ended' | 'left'> {
  const left = new Promise<'left'>((resolve) => client.on('close', () => resolve('left')))
  if (client.destroyed) return 'left'
  passInput(client, program, terminal)
  const ended = passOutput(client, program).then(() => 'ended' as const)
  const first = await Promise.race([ended, left])
  if (first === 'ended') await close(client)
  return first
}

function passInput(client: Socket, program: AttachedProcess, terminal: boolean): void {
  const { input } = program
  const end = new EndOfInput()
  let quiet: NodeJS.Timeout | undefined
  client.on('data', (chunk: Buffer) => {
    clearTimeout(quiet)
    const data = terminal ? chunk : end.push(chunk)
    if (!terminal && end.mayHaveEnded) quiet = setTimeout(() => input.end(), END_QUIET_MS)
    if (data.length === 0 || input.writableEnded || input.destroyed) return
    if (!input.write(data)) {
      client.pause()
      input.once('drain', () => client.resume())
    }
  })
  client.on('close', () => clearTimeout(quiet))
  client.resume()
}

async function passOutput(client: Socket, program: AttachedProcess): Promise<void> {
  const guard = new ExitMarkerGuard()
  for await (const chunk of program.output) await send(client, guard.push(chunk as Buffer))
  await send(client, guard.end())
}

/** The marker waits until what came before is away, so that nothing joins them and cuts anew. */
async function send(client: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (isExitMarker(piece)) await sleep(APART_MS)
    if (client.destroyed) return
    if (!client.write(piece)) await Promise.race([once(client, 'drain'), once(client, 'close')])
  }
}

const APART_MS = 30

const once = async (client: Socket, event: 'drain' | 'close'): Promise<void> =>
  await new Promise((resolve) => client.once(event, () => resolve()))

async function close(client: Socket): Promise<void> {
  if (client.destroyed) return
  client.end()
  await Promise.race([once(client, 'close'), sleep(CLOSE_MS)])
  client.destroy()
}

/** For a client that does not close its own end. */
const CLOSE_MS = 2000
