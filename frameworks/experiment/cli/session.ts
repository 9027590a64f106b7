import type { Mode } from '../mturk/mode.ts'
import type { Study } from '../configuration/config.ts'

/** What a command works with. One session runs one command, or a whole shell of them. */
export type Session = {
  study: Study
  /** `sandbox` or `live`: where HITs are made and workers are paid. */
  mode: Mode
  /** No questions are asked; what is missing is an error. */
  readonly isQuiet: boolean
  readonly print: (text: string) => void
  /** The researcher's answer to a question; only where one can be asked. */
  readonly ask: (question: string) => Promise<string>
  /** Reads the configuration again. */
  readonly reload: () => Study
}
