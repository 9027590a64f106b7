/** How long a request may take for what, in milliseconds, as on Heroku. */
export type TimeLimits = Readonly<
  Record<'firstByteMs' | 'idleMs' | 'connectMs' | 'bootMs' | 'planeMs', number>
>

export const TIME_LIMITS: TimeLimits = {
  /** From the end of the request to the first byte of the answer (H12). */
  firstByteMs: 30_000,
  /** Without a byte in either direction once the answer has begun, or while a body comes (H15, H28). */
  idleMs: 55_000,
  /** TCP connect to a dyno (H19). */
  connectMs: 5_000,
  /** How long a request waits for an app that is starting or asleep (H20). */
  bootMs: 75_000,
  /** How long a request for the API is held while the control plane restarts (ours). */
  planeMs: 15_000,
}

/** Every other limit of the router, with its reason. */
export const LIMITS = {
  /** Requests that wait for an app, per dyno (H11). */
  waitingPerDynoMax: 50,
  /** Requests under way at one dyno (H22): above what Node and Go take, below our own sockets. */
  requestsPerDynoMax: 2_000,
  /** A dyno that refused a connection is passed over this long if there is another. */
  refusedMs: 2_000,
  /**
   * How long an idle connection to a dyno is kept where the dyno does not tell: below the shortest
   * common keep-alive time (gunicorn's 2 s), so that we never write to one that is being closed.
   */
  upstreamIdleMs: 1_000,
  upstreamIdleMsMax: 60_000,
  idleConnectionsPerDynoMax: 256,
  /** Whole head of a request; the CLI's Request-Id alone may take 7 kB. */
  headBytesMax: 32 * 1024,
  /** Request line or one header. */
  lineBytesMax: 8 * 1024,
  /** Head of an app's answer (H25); cookies can be many. */
  responseHeadBytesMax: 64 * 1024,
  /** 100, 102 and 103 answers before the final one. */
  interimResponsesMax: 20,
  /** For a client to send a whole head, and to say its first byte. */
  headMs: 30_000,
  /** Idle client connections stay above what an edge in front keeps (nginx: 60 s). */
  clientIdleMs: 90_000,
  clientConnectionsMax: 20_000,
  planeRetryMs: 100,
  /** Requests that wait for a control plane that is away; each tries every so often. */
  waitingForPlaneMax: 500,
  /** Grace for requests under way when the router itself stops (H24). */
  stopMs: 10_000,
} as const
