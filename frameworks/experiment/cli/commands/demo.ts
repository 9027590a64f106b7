import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { portOf } from '@hokku/kit/port-of'
import { readStudy, type Environment } from '../../configuration/config.ts'
import { createStandIn } from '../../mturk/stand-in/server.ts'
import { startStudy } from '../../serve/start.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { addressOf, listen } from './serve.ts'

export const command = psiturkCommand({
  summary: 'Runs the study with a stand-in for Mechanical Turk, to rehearse without an account.',
  details:
    'Create HITs, work on them as a worker, approve and pay: all on this machine. Press Ctrl-C to end.',
  run: demo,
})

async function demo(session: Session): Promise<number> {
  const market = createStandIn()
  await market.listen({ host: '127.0.0.1', port: 0 })
  const site = `http://127.0.0.1:${portOf(market.server)}`
  const address = addressOf(session.study)
  const rehearsal = rehearsalSettings(site, address)
  const study = readStudy(session.study.directory, {
    ...loginSettings(session.study.settings.server),
    ...session.study.env,
    ...rehearsal,
  })
  const running = await startStudy(study)
  for (const notice of running.notices) session.print(`Notice: ${notice}`)
  await listen(running, study)
  const { login_username, login_pw } = study.settings.server
  const lines = [
    `Study:        ${address}`,
    `Dashboard:    ${address}/dashboard/ (${login_username}, ${login_pw})`,
    `Marketplace:  ${site}`,
    '',
    'In another terminal, in this folder:',
    ...Object.entries(rehearsal).map(([name, value]) => `  export ${name}=${value}`),
    '  psiturk hit create 3 0.50 1',
    '',
    'Then open the marketplace, accept the HIT, and take part. Press Ctrl-C to end the rehearsal.',
  ]
  session.print(lines.join('\n'))
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await running.stop()
  await market.close()
  return 0
}

/** What points the study, and `psiturk` in another terminal, to the marketplace of this machine. */
const rehearsalSettings = (site: string, address: string) => ({
  PSITURK_MTURK_ENDPOINT: site,
  PSITURK_MTURK_WORKER_SITE: site,
  PSITURK_AD_URL: `${address}/pub`,
  AWS_ACCESS_KEY_ID: 'rehearsal',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
})

/** A login for the time of the rehearsal, where the study has none. */
function loginSettings(server: { login_username: string; login_pw: string }): Environment {
  const hasLogin = server.login_username !== '' && server.login_pw !== ''
  return {
    PSITURK_ENABLE_DASHBOARD: 'true',
    PSITURK_DO_SCHEDULER: 'true',
    PSITURK_SECRET_KEY: secretOf(SECRET_BYTES),
    ...(hasLogin
      ? {}
      : { PSITURK_LOGIN_USERNAME: 'demo', PSITURK_LOGIN_PW: secretOf(PASSWORD_BYTES) }),
  }
}

const secretOf = (bytes: number): string => randomBytes(bytes).toString('base64url')

const SECRET_BYTES = 32
/** Short enough to be typed, and good for an hour on one machine. */
const PASSWORD_BYTES = 6
