import { Worker } from 'node:worker_threads'
import type { TemplateHints } from '../dase/resolve-engine.ts'
import type { EngineInstance } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import type { Line } from './answer-lines.ts'
import { errorOf } from '@hokku/kit/problem'

/** What a thread needs to answer like the process that starts it. */
export type WorkerTask = Readonly<{
  directory: string
  engineFactory: string
  hints: TemplateHints
  instance: EngineInstance
  /** Plain data, copied to each thread. */
  models: readonly unknown[]
  env: NodeJS.ProcessEnv
}>

export type Request = Readonly<{ id: number; lines: readonly Line[] }>
/** What a thread says: that it can begin, the answer to a request or why there is none, a line to log. */
export type Reply =
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'answer'; id: number; text: string }>
  | Readonly<{ kind: 'failure'; id: number; message: string }>
  | Readonly<{ kind: 'log'; message: string }>

type Pending = Readonly<{ resolve: (text: string) => void; reject: (error: Error) => void }>
type Member = Readonly<{ worker: Worker; pending: Map<number, Pending> }>

/** Threads that answer queries, each with its own copy of the models. */
export class WorkerTeam implements AsyncDisposable {
  readonly #members: readonly Member[]
  readonly #log: (message: string) => void
  #requests = 0

  /** @param threads how many; they begin when `ready` resolves */
  constructor(task: WorkerTask, threads: number, log: (message: string) => void) {
    this.#log = log
    this.#members = Array.from({ length: threads }, () => ({
      worker: new Worker(new URL('./worker.ts', import.meta.url), { workerData: task }),
      pending: new Map<number, Pending>(),
    }))
    for (const member of this.#members) this.#listen(member)
  }

  get size(): number {
    return this.#members.length
  }

  /** Resolves when all threads can answer; rejects if one of them cannot. */
  async ready(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#ask(member, READY, undefined)))
  }

  /** The answers to some lines, from the thread with least to do. */
  answer(lines: readonly Line[]): Promise<string> {
    const [least] = this.#members.toSorted((a, b) => a.pending.size - b.pending.size)
    if (least === undefined) throw new Error('a team has members')
    this.#requests += 1
    return this.#ask(least, this.#requests, lines)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()))
  }

  #ask(
    { worker, pending }: Member,
    id: number,
    lines: readonly Line[] | undefined,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject })
      if (lines !== undefined) worker.postMessage({ id, lines } satisfies Request)
    })
  }

  #listen({ worker, pending }: Member): void {
    const failAll = (error: Error): void => {
      for (const { reject } of pending.values()) reject(error)
      pending.clear()
    }
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'log') {
        this.#log(reply.message)
        return
      }
      const id = reply.kind === 'ready' ? READY : reply.id
      const waiting = pending.get(id)
      pending.delete(id)
      if (reply.kind === 'failure') {
        waiting?.reject(problem('query_invalid', reply.message, { hint: 'Nothing was written.' }))
      } else waiting?.resolve(reply.kind === 'answer' ? reply.text : '')
    })
    worker.on('error', (error) => failAll(errorOf(error)))
    worker.on('exit', () => failAll(new Error('a thread of batchpredict ended')))
  }
}

/** Requests are numbered from 1. */
const READY = 0
