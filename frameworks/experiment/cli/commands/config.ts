import { maskPassword } from '../../configuration/database-address.ts'
import { serverState } from '../server-process.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { restartServer } from './server.ts'

export const print = psiturkCommand({
  summary: 'Prints the configuration, with secrets masked.',
  run: async (session) => {
    printSections(session)
    return 0
  },
})

export const reload = psiturkCommand({
  summary: 'Reads the configuration again, in the interactive shell.',
  run: async (session) => {
    await readAgain(session)
    return 0
  },
})

function printSections(session: Session): void {
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

async function readAgain(session: Session): Promise<void> {
  session.study = session.reload()
  session.print('Configuration read again.')
  if (session.isQuiet || (await serverState(session.study)) !== 'yes') return
  const answer = await session.ask('The server still has the old configuration. Restart it? [y/n] ')
  if (/^y/i.test(answer)) await restartServer(session)
}
