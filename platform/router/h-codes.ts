/** What the router answers itself, and how Heroku's log calls it. */
export type HCode = keyof typeof H_CODES

export type Failure = Readonly<{ desc: string; status: number; at: 'info' | 'warning' | 'error' }>

/**
 * Heroku's table of router errors, as far as they happen here.
 *
 * @see https://devcenter.heroku.com/articles/error-codes
 */
export const H_CODES = {
  H10: { desc: 'App crashed', status: 503, at: 'error' },
  H11: { desc: 'Backlog too deep', status: 503, at: 'error' },
  H12: { desc: 'Request timeout', status: 503, at: 'error' },
  H13: { desc: 'Connection closed without response', status: 503, at: 'error' },
  H14: { desc: 'No web processes running', status: 503, at: 'error' },
  H15: { desc: 'Idle connection', status: 503, at: 'error' },
  H17: { desc: 'Poorly formatted HTTP response', status: 503, at: 'error' },
  H18: { desc: 'Server Request Interrupted', status: 503, at: 'error' },
  H19: { desc: 'Backend connection timeout', status: 503, at: 'error' },
  H20: { desc: 'App boot timeout', status: 503, at: 'error' },
  H21: { desc: 'Backend connection refused', status: 503, at: 'error' },
  H22: { desc: 'Connection limit reached', status: 503, at: 'error' },
  H24: { desc: 'Forced close', status: 503, at: 'error' },
  H25: { desc: 'HTTP Restriction', status: 502, at: 'error' },
  H26: { desc: 'Request Error', status: 400, at: 'error' },
  H27: { desc: 'Client Request Interrupted', status: 499, at: 'info' },
  H28: { desc: 'Client Connection Idle', status: 499, at: 'warning' },
  H80: { desc: 'Maintenance mode', status: 503, at: 'info' },
  H81: { desc: 'Blank app', status: 502, at: 'info' },
} as const satisfies Record<string, Failure>

/** Who broke a connection off, for the log line of the codes where that is known. */
export const brokenBy = (code: HCode): 'client' | 'backend' | undefined =>
  code === 'H27' || code === 'H28' ? 'client' : code === 'H18' ? 'backend' : undefined
