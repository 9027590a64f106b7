/** Where every dyno begins, of the formation or not. */
export const NEW_DYNO = {
  state: 'starting',
  stateReason: null,
  fresh: true,
  retired: false,
  serving: false,
  host: null,
  port: null,
  crashes: 0,
  restartAt: null,
  cycleAt: null,
  attached: false,
  attachUrl: null,
  deadline: null,
  exitCode: null,
  exitSignal: null,
  exitOom: null,
} as const
