import { ask, type Program, runProgram } from '@hokku/kit/command-line'
import { readStudy } from '../configuration/config.ts'
import { isMode } from '../mturk/mode.ts'
import { versionLine } from './commands/version.ts'
import type { Command, Host } from './host.ts'
import { completions, psiturk, withHelp } from './program.ts'
import type { Session } from './session.ts'

/** `psiturk`: a shell without words, a single command with them. */
export const main = (argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  runProgram(psiturk, withHelp(argv), hostIn(env))

/** Runs a program beside `psiturk`: a single command under a name that the original gave it. */
export async function runAlone(
  name: string,
  command: Command,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const [option] = argv
  if (option === '-v' || option === '--version') {
    console.log(versionLine())
    return 0
  }
  const program: Program<Host> = {
    name,
    summary: command.summary,
    groups: {},
    bare: async () => ({ command }),
    misuseCode: 1,
  }
  return await runProgram(program, argv, hostIn(env))
}

function hostIn(env: NodeJS.ProcessEnv): Host {
  let session: Session | undefined
  return {
    session: () => (session ??= quietSession(env)),
    run: (words, own) =>
      runProgram(psiturk, withHelp(words), { ...hostIn(env), session: () => own }),
    complete: async (line) => await completions(line).catch(() => []),
  }
}

function quietSession(env: NodeJS.ProcessEnv): Session {
  const reload = () => readStudy(process.cwd(), env)
  const study = reload()
  const { launch_in_mode } = study.settings.shell
  return {
    study,
    mode: isMode(launch_in_mode) ? launch_in_mode : 'sandbox',
    isQuiet: true,
    print: (text) => console.log(text),
    ask: async (question) => (await ask(question)) ?? '',
    reload,
  }
}
