import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Deployment } from '../query-server/deployment.ts'
import { answerLines, type Line } from './answer-lines.ts'
import { type WorkerTask, WorkerTeam } from './worker-team.ts'

export type PredictorOptions = Readonly<{
  deployment: Deployment
  /** Where threads find the engine. */
  project: Pick<WorkerTask, 'directory' | 'engineFactory' | 'hints' | 'env'>
  threads: number
  log: (message: string) => void
}>

/**
 * Answers queries in this thread, and hands over to a team of threads once the work turns out to be
 * long. Models that are not plain data (the algorithm saves its own, or is trained again) cannot be
 * copied: with them everything is answered here.
 */
export class Predictor implements AsyncDisposable {
  readonly #options: PredictorOptions
  readonly #beganMs = performance.now()
  #starting: WorkerTeam | undefined
  #team: WorkerTeam | undefined
  #failure: unknown

  constructor(options: PredictorOptions) {
    this.#options = options
  }

  /** How many batches of lines should be under way. */
  get width(): number {
    return this.#team === undefined ? 1 : this.#team.size * WAITING_PER_THREAD
  }

  async answer(lines: readonly Line[]): Promise<string> {
    if (this.#failure !== undefined) throw this.#failure
    this.#startIfLong()
    if (this.#team !== undefined) return this.#team.answer(lines)
    const text = await answerLines(this.#options.deployment, lines)
    // Predictions may never leave the processor, and threads must be heard when they are ready.
    await nextTurn()
    return text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starting?.[Symbol.asyncDispose]()
  }

  #startIfLong(): void {
    const { deployment, project, threads, log } = this.#options
    if (this.#starting !== undefined || threads < 2 || !arePlain(deployment)) return
    if (performance.now() - this.#beganMs < ALONE_MS) return
    const { instance, models } = deployment
    const team = new WorkerTeam({ ...project, instance, models }, threads, log)
    this.#starting = team
    team.ready().then(
      () => (this.#team = team),
      (error: unknown) => (this.#failure = error),
    )
  }
}

/** What is done by then is not worth threads, which take about as long to start. */
const ALONE_MS = 300
/** So that a thread finds its next lines when it has answered the ones before. */
const WAITING_PER_THREAD = 2

const arePlain = ({ bound }: Deployment): boolean =>
  bound.algorithms.every(({ component }) => component.persistence.kind === 'stored')
