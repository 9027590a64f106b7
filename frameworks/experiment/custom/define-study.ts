import type { ParticipantErrorKey } from '../pages/error-pages.ts'
import type { Method } from '../http/routes.ts'
import type { Participants } from './participants.ts'

/**
 * A study's own server code: what `custom.ts` exports by default.
 *
 * @example
 * export default defineStudy({
 *   routes: {
 *     'GET /compute_bonus': async ({ query, participants, error, abort }) => {
 *       const uniqueId = query['uniqueId'] ?? error('improper_inputs')
 *       const participant = (await participants.find(uniqueId)) ?? abort(404)
 *       await participants.change(uniqueId, { bonus: participant.trials.length * 0.01 })
 *       return { bonusComputed: 'success' }
 *     },
 *   },
 *   getCondition: async (mode, { participants }) => [(await participants.count()) % 4, 0],
 * })
 */
export const defineStudy = (study: CustomStudy): CustomStudy => study

export type CustomStudy = Readonly<{
  /** `GET /path` → what answers there; `:name` in a path is a parameter. Replaces built-in routes. */
  routes?: Readonly<Partial<Record<`${Method} /${string}`, CustomHandler>>>
  /** Called once, before the first request: create tables, read files. */
  initApp?: (study: StudyApi) => void | Promise<void>
  /**
   * Gives the next participant a condition and a counterbalance level, instead of balancing. Calls
   * are one after the other, also across processes.
   */
  getCondition?: (
    mode: string,
    study: StudyApi,
  ) => readonly [number, number] | Promise<readonly [number, number]>
}>

/** What the study's code works with, outside of a request. */
export type StudyApi = Readonly<{
  participants: Participants
  /** Runs a statement on the study's database; values only as parameters `$1`, `$2`. */
  sql: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** An option's text, as in `config.txt`; undefined if no one set it. */
  config: (section: string, option: string) => string | undefined
  log: (text: string) => void
}>

/** A request to one of the study's routes, and what can be done about it. */
export type CustomContext = StudyApi &
  Readonly<{
    query: Readonly<Record<string, string>>
    /** Fields of a posted form. */
    form: Readonly<Record<string, string>>
    /** The posted JSON document; undefined if there is none. */
    json: unknown
    params: Readonly<Record<string, string>>
    headers: Readonly<Record<string, string | string[] | undefined>>
    /** Renders a page of `templates/`. */
    render: (template: string, variables?: Readonly<Record<string, unknown>>) => string
    /** Shows a message on the next page that calls `get_flashed_messages()`. */
    flash: (message: string) => void
    redirect: (address: string) => Redirect
    /** Ends the request with a status code. */
    abort: (status: number, message?: string) => never
    /** Ends the request with one of the study's numbered error pages. */
    error: (key: ParticipantErrorKey) => never
    /** Ends the request with 401 unless the visitor gave `login_username` and `login_pw`. */
    requireLogin: () => void
    /** Keeps browsers from storing the answer. */
    noCache: () => void
  }>

/** Text is sent as HTML, anything else as JSON. */
export type CustomHandler = (context: CustomContext) => unknown

export class Redirect {
  readonly address: string

  constructor(address: string) {
    this.address = address
  }
}

/** Thrown by `abort`. */
export class Abort extends Error {
  override readonly name = 'Abort'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
