export type PythonLimits = Readonly<{
  /** Of one process as address space, and of all together as memory in use. */
  memoryBytesMax: number
  processesMax: number
  /** From its start until it is ready. */
  startMsMax: number
  /** From when a request is handed over until its answer is complete. */
  answerMsMax: number
  answerBytesMax: number
  /** Requests under way at once; others wait. */
  callsMax: number
  /** Requests that may wait. */
  waitingMax: number
}>

export type PythonOptions = Readonly<{
  /** What messages and the log call it, e.g. `custom.py`. */
  name: string
  /** The interpreter and the program, which calls `hokku_wsgi.serve`. */
  command: readonly string[]
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  limits: PythonLimits
  /** `own`: no network at all, where we are root on Linux; elsewhere, and with `shared`, as ours. */
  network: 'own' | 'shared'
  log: (line: string) => void
}>
