import { maskPassword } from '../../configuration/database-address.ts'
import { problem } from '../../problems.ts'
import { serverState } from '../server-process.ts'
import type { Session } from '../session.ts'
import { server } from './server.ts'

/** `psiturk config print|reload|help`. */
export async function config(session: Session, words: readonly string[]): Promise<number> {
  const [action = 'help'] = words
  if (action === 'print') print(session)
  else if (action === 'reload') await reload(session)
  else if (action === 'help') session.print('config print | reload | help')
  else
    throw problem('command_unknown', `config ${action} is not known.`, {
      hint: 'config print | reload',
    })
  return 0
}

function print(session: Session): void {
  for (const [section, options] of session.study.sections) {
    session.print(`[${section}]`)
    for (const [name, { text }] of options) session.print(`${name}=${shown(name, text)}`)
    session.print('')
  }
}

/** Secrets stay out of terminals and of what is pasted from them. */
function shown(name: string, text: string): string {
  if (text !== '' && /secret|_pw$|password|access_key/.test(name)) return '********'
  return name === 'database_url' ? maskPassword(text) : text
}

async function reload(session: Session): Promise<void> {
  session.study = session.reload()
  session.print('Configuration read again.')
  if (session.isQuiet || (await serverState(session.study)) !== 'yes') return
  const answer = await session.ask('The server still runs with the old one. Restart it? [y/n] ')
  if (/^y/i.test(answer)) await server(session, ['restart'])
}
