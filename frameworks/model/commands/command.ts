import type { Argument } from '@hokku/kit/command-line'

/** What a command may touch; `main.ts` fills it with the real things. */
export type Context = Readonly<{
  env: NodeJS.ProcessEnv
  cwd: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Aborted by SIGTERM and SIGINT. */
  signal: AbortSignal
}>

/** The folder with the model, as most commands take it. */
export const FOLDER = {
  type: 'string',
  isOptional: true,
  description: 'Folder with the model.',
  defaultText: 'the current folder',
} as const satisfies Argument
