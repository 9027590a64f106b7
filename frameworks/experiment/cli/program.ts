import { complete, completionCommand, namesOf, type Program } from '@hokku/kit/command-line'
import type { Host } from './host.ts'
import { splitWords } from './split-words.ts'

const account = () => import('./commands/account.ts')
const participant = () => import('./commands/participant.ts')
const config = () => import('./commands/config.ts')
const debug = () => import('./commands/debug.ts')
const hit = () => import('./commands/hit.ts')
const server = () => import('./commands/server.ts')
const version = () => import('./commands/version.ts')
const worker = () => import('./commands/worker.ts')

/** `psiturk`, with the commands, exit codes and outputs of psiTurk. */
export const psiturk: Program<Host> = {
  name: 'psiturk',
  summary: 'psiturk runs behavioral experiments on the web and recruits participants.',
  usage: [['', 'Starts the interactive shell, which takes the same commands.']],
  groups: {
    'The study': {
      setup_example: () => import('./commands/setup-example.ts'),
      check: () => import('./commands/check.ts'),
      serve: () => import('./commands/serve.ts'),
      'server on': async () => ({ command: (await server()).on }),
      'server off': async () => ({ command: (await server()).off }),
      'server restart': async () => ({ command: (await server()).restart }),
      'server status': async () => ({ command: (await server()).status }),
      'server log': async () => ({ command: (await server()).log }),
      debug: async () => ({ command: (await debug()).debug }),
      open: async () => ({ command: (await debug()).open }),
      demo: () => import('./commands/demo.ts'),
      status: () => import('./commands/status.ts'),
      'config print': async () => ({ command: (await config()).print }),
      'config reload': async () => ({ command: (await config()).reload }),
    },
    'The data': {
      download_datafiles: () => import('./commands/download-datafiles.ts'),
      'participant delete': async () => ({ command: (await participant()).remove }),
      'participant anonymize': async () => ({ command: (await participant()).anonymize }),
      'migrate db': async () => ({ command: (await account()).migrate }),
    },
    'Mechanical Turk': {
      'hit create': () => import('./commands/hit-create.ts'),
      'hit extend': async () => ({ command: (await hit()).extend }),
      'hit expire': async () => ({ command: (await hit()).expire }),
      'hit delete': async () => ({ command: (await hit()).remove }),
      'hit list': async () => ({ command: (await hit()).list }),
      'worker approve': async () => ({ command: (await worker()).approval }),
      'worker reject': async () => ({ command: (await worker()).rejection }),
      'worker unreject': async () => ({ command: (await worker()).revocation }),
      'worker bonus': () => import('./commands/worker-bonus.ts'),
      'worker list': () => import('./commands/worker-list.ts'),
      mode: () => import('./commands/mode.ts'),
      amt_balance: async () => ({ command: (await account()).balance }),
      'qualifications list': async () => ({ command: (await account()).qualifications }),
    },
    'The program': {
      version: async () => ({ command: (await version()).command }),
      completion: async () => ({ command: completionCommand('psiturk') }),
      quit: () => import('./commands/quit.ts'),
    },
    'For existing scripts': {
      'server launch': async () => ({ command: (await server()).on }),
      'server shutdown': async () => ({ command: (await server()).off }),
      psiturk_status: async () => ({ command: (await version()).command }),
      exit: () => import('./commands/quit.ts'),
    },
  },
  bare: () => import('./commands/psiturk.ts'),
  notes: 'psiturk works with the study of the current folder: its config.txt and templates.',
  misuseCode: 1,
}

/** `psiturk hit` alone shows what there is, as in the original. */
export const withHelp = (words: readonly string[]): readonly string[] =>
  words.length === 1 && namesOf(psiturk).some((name) => name.startsWith(`${words[0]} `))
    ? [...words, 'help']
    : words

/** How a line of the shell that was begun may continue, each with a space behind it. */
export async function completions(line: string): Promise<string[]> {
  const words = splitWords(line)
  if (words.length === 0 || /\s$/.test(line)) words.push('')
  const before = words.slice(0, -1)
  const candidates = await complete(psiturk, words)
  return candidates.map(({ word }) => `${[...before, word].join(' ')} `)
}
