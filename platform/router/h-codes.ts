/** What the router answers itself, and how Heroku's log calls it. */
export type HCode = keyof typeof H_CODES

export type Failure = Readonly<{
  desc: string
  status: number
  at: 'info' | 'warning' | 'error'
  /** What happened, and what to do about it: for `docs/errors.md`. */
  meaning: string
  remedy: string
}>

/**
 * Heroku's table of router errors, as far as they happen here.
 *
 * @see https://devcenter.heroku.com/articles/error-codes
 */
export const H_CODES = {
  H10: {
    desc: 'App crashed',
    status: 503,
    at: 'error',
    meaning: "The app's web dyno has crashed, or crashes at every start.",
    remedy: 'Read `heroku logs`, correct the cause, and push or `heroku restart`.',
  },
  H11: {
    desc: 'Backlog too deep',
    status: 503,
    at: 'error',
    meaning: "More requests wait for the app's dynos than may wait.",
    remedy: 'Add web dynos, or answer faster.',
  },
  H12: {
    desc: 'Request timeout',
    status: 503,
    at: 'error',
    meaning: 'The app did not begin to answer within 30 seconds.',
    remedy: 'Move long work to a worker dyno, and answer at once.',
  },
  H13: {
    desc: 'Connection closed without response',
    status: 503,
    at: 'error',
    meaning: 'The app closed the connection without an answer.',
    remedy: 'Look for a crash or a server timeout in `heroku logs`.',
  },
  H14: {
    desc: 'No web processes running',
    status: 503,
    at: 'error',
    meaning: 'The app has no web dynos.',
    remedy: 'Run `heroku ps:scale web=1`; check that the Procfile has a `web` line.',
  },
  H15: {
    desc: 'Idle connection',
    status: 503,
    at: 'error',
    meaning: 'Neither side sent anything for 55 seconds during an answer.',
    remedy: 'Send something at least every 55 seconds, or end the answer.',
  },
  H17: {
    desc: 'Poorly formatted HTTP response',
    status: 503,
    at: 'error',
    meaning: "The app's answer is not valid HTTP.",
    remedy: 'Check what the app writes to its socket, and its Content-Length.',
  },
  H18: {
    desc: 'Server Request Interrupted',
    status: 503,
    at: 'error',
    meaning: 'The app broke the connection off in the middle of an answer.',
    remedy: 'Look for a crash in `heroku logs`.',
  },
  H19: {
    desc: 'Backend connection timeout',
    status: 503,
    at: 'error',
    meaning: 'The connection to the web dyno could not be opened in time.',
    remedy: 'The dyno is overloaded: add dynos, or accept connections sooner.',
  },
  H20: {
    desc: 'App boot timeout',
    status: 503,
    at: 'error',
    meaning: 'The app was still starting after 75 seconds.',
    remedy: 'Start faster: listen first, then prepare.',
  },
  H21: {
    desc: 'Backend connection refused',
    status: 503,
    at: 'error',
    meaning: 'The web dyno refused the connection.',
    remedy: 'Check that the app listens on $PORT and has not crashed.',
  },
  H22: {
    desc: 'Connection limit reached',
    status: 503,
    at: 'error',
    meaning: 'The web dyno has as many connections as are allowed.',
    remedy: 'Add web dynos.',
  },
  H24: {
    desc: 'Forced close',
    status: 503,
    at: 'error',
    meaning: 'The router closed the connection, for example because it is stopping.',
    remedy: 'Send the request again.',
  },
  H25: {
    desc: 'HTTP Restriction',
    status: 502,
    at: 'error',
    meaning: "A header of the app's answer breaks a limit of HTTP.",
    remedy: 'Send fewer or shorter headers, such as cookies.',
  },
  H26: {
    desc: 'Request Error',
    status: 400,
    at: 'error',
    meaning: "The client's request breaks a limit or a rule of HTTP.",
    remedy: 'Correct the request; the log line has the reason.',
  },
  H27: {
    desc: 'Client Request Interrupted',
    status: 499,
    at: 'info',
    meaning: 'The client closed the connection before the app had answered.',
    remedy: 'Nothing, unless it happens often: then answer faster.',
  },
  H28: {
    desc: 'Client Connection Idle',
    status: 499,
    at: 'warning',
    meaning: 'The client sent nothing for 55 seconds in the middle of a request.',
    remedy: 'Nothing, unless clients upload over slow connections: send in smaller parts.',
  },
  H80: {
    desc: 'Maintenance mode',
    status: 503,
    at: 'info',
    meaning: 'Maintenance mode is on.',
    remedy: 'Run `heroku maintenance:off`.',
  },
  H81: {
    desc: 'Blank app',
    status: 502,
    at: 'info',
    meaning: 'Nothing has been deployed to the app.',
    remedy: 'Run `git push heroku main`.',
  },
} as const satisfies Record<string, Failure>

/** Who broke a connection off, for the log line of the codes where that is known. */
export const brokenBy = (code: HCode): 'client' | 'backend' | undefined =>
  code === 'H27' || code === 'H28' ? 'client' : code === 'H18' ? 'backend' : undefined
