import { createHmac } from 'node:crypto'
import { uniqueIdOf, type Identity } from '../participants/admission.ts'
import { fillAddress } from '../participants/passed-on.ts'
import type { StudyServer } from '../http/study-server.ts'
import { readParameters } from '../store/parameters.ts'

/** Modes in which participants come by a link and there is no HIT to submit. */
export const isLinkMode = (mode: string): boolean => mode === 'link' || mode === 'prolific'

/** What a participant shows as proof of having finished; the dashboard knows it too. */
export const completionCode = (server: StudyServer, uniqueId: string): string =>
  createHmac('sha256', server.secret)
    .update(`completion ${uniqueId}`)
    .digest('hex')
    .slice(0, 10)
    .toUpperCase()

/** The last page: of someone who came by a link with a code, and the way back where there is one. */
export async function endPage(
  server: StudyServer,
  mode: string,
  uniqueId: string,
): Promise<string> {
  const { task, hit } = server.study.settings
  const { templates } = server
  const isProlific = mode === 'prolific' && hit.prolific_completion_code !== ''
  const code = isProlific ? hit.prolific_completion_code : completionCode(server, uniqueId)
  const worker = uniqueId.split(':')[0] ?? ''
  const back = isProlific
    ? `https://app.prolific.com/submissions/complete?cc=${encodeURIComponent(code)}`
    : await addressBack(server, mode, uniqueId, { completion_code: code, worker_id: worker })
  const variables = {
    allow_repeats: task.allow_repeats,
    worker_id: worker,
    completion_code: code,
    prolific_url: back,
    return_url: back,
    return_name: isProlific ? 'Prolific' : 'the page that sent you',
  }
  if (isProlific && templates.hasOwn('complete-prolific.html'))
    return templates.render('complete-prolific.html', variables)
  if (back !== '') return templates.render('complete-return.html', variables)
  const own = templates.render('complete.html', variables)
  // Pages of the original speak of Mechanical Turk, and know no code.
  if (!isLinkMode(mode) || own.includes(code)) return own
  return templates.renderOurs('complete.html', variables)
}

/** Where `completion_url` of the study leads, filled in; empty if it has none. */
async function addressBack(
  { study, pool, tables }: StudyServer,
  mode: string,
  uniqueId: string,
  known: Readonly<Record<string, string>>,
): Promise<string> {
  const { completion_url } = study.settings.hit
  if (completion_url === '' || !isLinkMode(mode)) return ''
  return fillAddress(completion_url, {
    ...(await readParameters(pool, tables, uniqueId)),
    ...known,
  })
}

/** The last page again, for someone who comes back to the ad. */
export const endPageOf = (server: StudyServer, mode: string, identity: Identity): Promise<string> =>
  endPage(server, mode, uniqueIdOf(identity))
