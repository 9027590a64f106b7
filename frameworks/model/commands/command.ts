/** What a command may touch; `main.ts` fills it with the real things. */
export type Context = Readonly<{
  env: NodeJS.ProcessEnv
  cwd: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Aborted by SIGTERM and SIGINT. */
  signal: AbortSignal
}>

/** Runs with the words after the command's name; returns the exit code. */
export type Command = (args: string[], context: Context) => Promise<number>
