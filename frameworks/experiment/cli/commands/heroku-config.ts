import { spawnSync } from 'node:child_process'
import { confirm, defineCommand } from '@hokku/kit/command-line'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { problem } from '../../problems.ts'

export type HerokuConfigEffects = Readonly<{
  directory: string
  print: (text: string) => void
  /** Whether the researcher agrees; without a terminal the answer is no. */
  confirm: (question: string) => Promise<boolean>
}>

/** The program `psiturk-heroku-config`. */
export const command = defineCommand({
  summary: 'Prepares the study of this folder for git push heroku: Procfile and ON_CLOUD.',
  details: 'A different Procfile is replaced only after you agree at a terminal.',
  run: async () => {
    await herokuConfig({ directory: process.cwd(), print: console.log, confirm })
    return 0
  },
})

/**
 * Makes the study of this folder ready to be pushed.
 *
 * @throws Problem that names the first thing that is missing
 */
export async function herokuConfig(effects: HerokuConfigEffects): Promise<void> {
  const { directory, print } = effects
  need(
    heroku(directory, ['--version']),
    'The program heroku is not installed.',
    'See https://devcenter.heroku.com/articles/heroku-cli',
  )
  need(heroku(directory, ['auth:whoami']), 'You are not logged in.', 'heroku login')
  need(
    run(directory, 'git', ['rev-parse', '--is-inside-work-tree']),
    'This folder is not under git.',
    'git init',
  )
  need(heroku(directory, ['config']), 'There is no app for this folder.', 'heroku create')
  await placeProcfile(effects)
  need(
    heroku(directory, ['config:set', 'ON_CLOUD=1']),
    'ON_CLOUD could not be set.',
    'heroku config:set ON_CLOUD=1',
  )
  print('Set ON_CLOUD=1.')
  print('')
  print('Next: commit the new files, and give the app a database that outlives it:')
  print('  heroku addons:create heroku-postgresql')
  print('  git add . && git commit -m "Run on Heroku" && git push heroku master')
}

type Ended = Readonly<{ status: number | null; said: string }>

function run(directory: string, program: string, args: readonly string[]): Ended {
  const { status, stderr, error } = spawnSync(program, args, {
    cwd: directory,
    encoding: 'utf8',
    timeout: PROGRAM_MS,
  })
  return { status: error === undefined ? status : null, said: (stderr ?? '').trim() }
}

/** The heroku program starts slowly and asks a server. */
const PROGRAM_MS = 120_000

const heroku = (directory: string, args: readonly string[]): Ended => run(directory, 'heroku', args)

function need({ status, said }: Ended, message: string, hint: string): void {
  if (status === 0) return
  const reason = said === '' ? message : `${message}\n${said}`
  throw problem('program_failed', reason, { hint })
}

const PROCFILE = 'web: psiturk serve\n'

/** What the original wrote; it starts a Python program that our server replaces. */
const OLD_PROCFILE = /^web:\s*python\d?\s+herokuapp\.py\s*$/

async function placeProcfile({ directory, print, confirm }: HerokuConfigEffects): Promise<void> {
  const path = join(directory, 'Procfile')
  const existing = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (existing === PROCFILE) {
    print('Procfile is as it should be.')
    return
  }
  const isOurs = existing === undefined || OLD_PROCFILE.test(existing.trim())
  if (!isOurs && !(await confirm('Procfile exists and is different. Replace it?'))) {
    throw problem('file_changed', 'Procfile was left as it is.', {
      hint: 'Give it the line "web: psiturk serve", or remove it and run this again.',
    })
  }
  await writeDurably(path, PROCFILE, 0o644)
  print('Copied Procfile.')
}
