import { misuse } from '@hokku/kit/command-line'
import { isMode } from '../../mturk/mode.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'

export const command = psiturkCommand({
  summary: 'Switches between Mechanical Turk and its sandbox.',
  arguments: {
    mode: {
      type: 'string',
      suggestions: ['sandbox', 'live'],
      isOptional: true,
      description: 'sandbox or live.',
      defaultText: 'the other one',
    },
  },
  run: (session, call) => switchMode(session, call.arguments.mode),
})

async function switchMode(session: Session, mode: string | undefined): Promise<number> {
  const wanted = mode ?? (session.mode === 'live' ? 'sandbox' : 'live')
  if (!isMode(wanted)) throw misuse(`mode ${wanted} is not recognized.`)
  if (wanted === session.mode) session.print(`mode is already ${wanted}`)
  else {
    session.mode = wanted
    session.print(`Entered ${wanted} mode`)
  }
  return 0
}
