import { createHmac } from 'node:crypto'
import { uniqueIdOf, type Identity } from '../participants/admission.ts'
import type { StudyServer } from '../http/study-server.ts'

/** Modes in which participants come by a link and there is no HIT to submit. */
export const isLinkMode = (mode: string): boolean => mode === 'link' || mode === 'prolific'

/** What a participant shows as proof of having finished; the dashboard knows it too. */
export const completionCode = (server: StudyServer, uniqueId: string): string =>
  createHmac('sha256', server.secret)
    .update(`completion ${uniqueId}`)
    .digest('hex')
    .slice(0, 10)
    .toUpperCase()

/** The last page of someone who came by a link: thanks, a code, and for Prolific the way back. */
export function endPage(server: StudyServer, mode: string, uniqueId: string): string {
  const { task, hit } = server.study.settings
  const code = mode === 'prolific' ? hit.prolific_completion_code : completionCode(server, uniqueId)
  const template = mode === 'prolific' && code !== '' ? 'complete-prolific.html' : 'complete.html'
  return server.templates.render(template, {
    allow_repeats: task.allow_repeats,
    worker_id: uniqueId.split(':')[0] ?? '',
    completion_code: code,
    prolific_url: `https://app.prolific.com/submissions/complete?cc=${encodeURIComponent(code)}`,
  })
}

/** The last page again, for someone who comes back to the ad. */
export const endPageOf = (server: StudyServer, mode: string, identity: Identity): string =>
  endPage(server, mode, uniqueIdOf(identity))
