/** Who speaks: a program of the app's owner, or the platform. */
export type LogSource = 'app' | 'heroku'

/** A dyno's output file that is being turned into log lines. */
export type FollowedOutput = Readonly<{
  appId: string
  /** The instance; offsets are remembered under this id across restarts of the control plane. */
  id: string
  /** What stands in brackets, e.g. `web.1` or `release.4711`. */
  process: string
  /** Append-only file; the app writes, we read. */
  file: string
  /** Keep the file's bytes (release output, builds); otherwise consumed ranges are given back. */
  keep?: boolean
}>

export type LogFilter = Readonly<{
  /** `web` (all of the type) or `web.1`. */
  dyno?: string | undefined
  source?: string | undefined
}>

export type LogSessionRequest = LogFilter &
  Readonly<{ appId: string; lines: number; tail: boolean }>

/** Lines of one process that arrived together. The lines of an app are numbered from 1. */
export type LogRecord = Readonly<{
  /** Number of the first line, and how many there are. */
  first: number
  count: number
  /** Microseconds since the epoch. */
  at: number
  source: LogSource
  /** What stands in brackets, e.g. `web.1`, `router`, `api`. */
  process: string
  /** Each line ends with a line feed. */
  text: Buffer
}>

/** The log of every app: the newest 1,500 lines, kept on disk, with tails and drains. */
export type Logs = Readonly<{
  /** Appends a line of the platform's own, e.g. `heroku[web.1]: State changed from …`. */
  write: (appId: string, source: LogSource, process: string, message: string) => void
  follow: (output: FollowedOutput) => void
  /** Reads what is left in the file, then lets go of it. */
  unfollow: (id: string) => Promise<void>
  /** Secret under which `GET /log-streams/<secret>` serves the session (see platform-api.md §9). */
  openSession: (request: LogSessionRequest) => { id: string; secret: string }
  /** The session behind a secret, unless it has expired or its app is gone. */
  session: (secret: string) => LogSessionRequest | undefined
  /**
   * What a session asks for: first its newest lines, or all after line `seen`; then, if it is a
   * tail, what comes, with an empty list now and then while nothing does. A reader that is too slow
   * loses the oldest lines and gets one that says how many. Ends when aborted, when the app is
   * removed, or with the log.
   */
  read: (
    session: LogSessionRequest,
    seen: number | undefined,
    signal: AbortSignal,
  ) => AsyncGenerator<readonly LogRecord[]>
  /** Newest lines, oldest first, formatted as `logs` prints them. */
  recent: (appId: string, lines: number, filter?: LogFilter) => string[]
  /** Starts and stops an app's drains as the store now has them. */
  refreshDrains: (appId: string) => void
  /** Forgets an app and its drains. */
  remove: (appId: string) => Promise<void>
  close: () => Promise<void>
}>
