/** What the log of an app says of its dynos, in Heroku's words. */
export type RCode = keyof typeof R_CODES

/**
 * Heroku's table of run-time errors, as far as they happen here.
 *
 * @see https://devcenter.heroku.com/articles/error-codes
 */
export const R_CODES = {
  R10: {
    desc: 'Boot timeout',
    meaning: 'The web process did not listen on $PORT within 60 seconds of its start.',
    remedy: 'Listen on $PORT and on all addresses first; then load data.',
  },
  R12: {
    desc: 'Exit timeout',
    meaning: 'A process did not exit within 30 seconds of SIGTERM, and was killed.',
    remedy: 'Handle SIGTERM: finish what is under way, then exit.',
  },
  R13: {
    desc: 'Attach error',
    meaning: 'No client connected to an attached one-off dyno in time.',
    remedy: 'Run the command again; check that the connection is not blocked.',
  },
  R14: {
    desc: 'Memory quota exceeded',
    meaning: 'A dyno uses more memory than its size has.',
    remedy: 'Use less memory, or a larger size: `heroku ps:resize`.',
  },
  R15: {
    desc: 'Memory quota vastly exceeded',
    meaning: 'A dyno used far more memory than its size has, and was killed.',
    remedy: 'Use less memory, or a larger size: `heroku ps:resize`.',
  },
  R16: {
    desc: 'Detached',
    meaning: 'A one-off process did not exit after its client had left, and was killed.',
    remedy: 'Use `heroku run:detached` for work that must continue without a client.',
  },
  R17: {
    desc: 'Checksum error',
    meaning: 'A stored layer of the slug does not have the content it had when it was stored.',
    remedy: 'Push again, or roll back to another release.',
  },
  R30: {
    desc: 'Disk quota exceeded',
    meaning:
      'The files that a dyno wrote to `/app` and `/tmp` exceed what its size allows (our own code).',
    remedy: 'Remove what is not needed, keep files in a bucket, or take a larger size.',
  },
  R31: {
    desc: 'Disk quota vastly exceeded',
    meaning:
      'A dyno held far more on disk than its size allows, or most of a disk that was nearly full, and was killed (our own code).',
    remedy: 'Keep files in a bucket (`bucketeer`), or take a larger size: `heroku ps:resize`.',
  },
  R99: {
    desc: 'Platform error',
    meaning: 'The platform could not start the dyno; the line names the reason.',
    remedy: 'Run `hokku doctor`, and read `control-plane.log`.',
  },
} as const satisfies Record<string, Readonly<Record<'desc' | 'meaning' | 'remedy', string>>>
