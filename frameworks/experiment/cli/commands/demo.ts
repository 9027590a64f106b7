import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createStandIn } from '../../mturk/stand-in/server.ts'
import { startStudy } from '../../serve/start.ts'
import { readStudy } from '../../configuration/config.ts'
import type { Session } from '../session.ts'

/**
 * `psiturk demo`: the study and a marketplace on this machine, to rehearse everything without an
 * account: create HITs, work on them as a worker, approve, pay.
 */
export async function demo(session: Session): Promise<number> {
  const market = createStandIn()
  await market.listen({ host: '127.0.0.1', port: 0 })
  const site = `http://127.0.0.1:${(market.server.address() as AddressInfo).port}`
  const { host, port } = session.study.settings.server
  const env = {
    ...session.study.env,
    PSITURK_MTURK_ENDPOINT: site,
    PSITURK_MTURK_WORKER_SITE: site,
    PSITURK_AD_URL: `http://${host}:${port}/pub`,
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
  }
  const running = await startStudy(readStudy(session.study.directory, env))
  await running.app.listen({ host, port })
  session.print(`Study:        http://${host}:${port}`)
  session.print(`Marketplace:  ${site}`)
  session.print('')
  session.print('In another terminal, in this folder:')
  for (const name of [
    'PSITURK_MTURK_ENDPOINT',
    'PSITURK_MTURK_WORKER_SITE',
    'PSITURK_AD_URL',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
  ] as const) {
    session.print(`  export ${name}=${env[name]}`)
  }
  session.print('  psiturk hit create 3 0.50 1')
  session.print('')
  session.print(
    'Then open the marketplace, accept the HIT, and take part. Ctrl-C ends the rehearsal.',
  )
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await running.stop()
  await market.close()
  return 0
}
