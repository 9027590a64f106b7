import {
  type ArgumentTable,
  type Call,
  type Command as DeclaredCommand,
  type Definition,
  defineCommand,
  type OptionTable,
} from '@hokku/kit/command-line'
import type { Session } from './session.ts'

/** What the commands of `psiturk` run in. */
export type Host = Readonly<{
  /** The session; its study is read when the first command asks for it, so that help needs none. */
  session: () => Session
  /** Runs a line of a script or of the shell, split into words; answers with the exit code. */
  run: (words: readonly string[], session: Session) => Promise<number>
  /** How a line of the shell that was begun may continue. */
  complete: (line: string) => Promise<string[]>
}>

export type Command = DeclaredCommand<Host>

/** Declares a command that works with the study of the folder. */
export function psiturkCommand<
  const Options extends OptionTable = Record<never, never>,
  const Arguments extends ArgumentTable = Record<never, never>,
>(
  definition: Omit<Definition<Options, Arguments, Host>, 'run'> & {
    run: (session: Session, call: Call<Options, Arguments>) => Promise<number>
  },
): Command {
  const { run, ...declaration } = definition
  return defineCommand<Options, Arguments, Host>({
    ...declaration,
    run: (call, host) => run(host.session(), call),
  })
}
