import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StudyServer } from '../http/study-server.ts'
import type { Row } from '../participants/admission.ts'
import { tokenOf } from '../store/secret.ts'
import { intoHead } from './guard.ts'

/** A study that is one page, such as an export of jsPsych or lab.js. */
const PAGE = 'index.html'

/** The page as it is, with our library and what it has to know of the participant before all else. */
export function renderPageStudy(server: StudyServer, row: Row, mode: string): string {
  const { study, secret } = server
  const html = readFileSync(join(study.directory, PAGE), 'utf8')
  const info = {
    uniqueId: row.uniqueid,
    condition: row.condition,
    counterbalance: row.counterbalance,
    mode,
    contact: study.settings.task.contact_email_on_error,
    ...(study.settings.task.require_token ? { token: tokenOf(secret, row.uniqueid) } : {}),
  }
  const text = JSON.stringify(info).replaceAll('<', '\\u003C')
  return intoHead(
    html,
    `<script>window.studyInfo=${text}</script><script src="/static/js/study.js"></script>`,
  )
}

/** Files beside the page that it may load; what configures or runs the server stays inside. */
export const isPublicFile = (name: string): boolean =>
  !/(?:^|\/)\./.test(name) &&
  !/^(?:config\.txt|Procfile|requirements\.txt|package(?:-lock)?\.json|custom\.\w+|advanced_quals\.json.*)$/i.test(
    name,
  ) &&
  !/(?:^|\/)node_modules\/|\.(?:py|pyc|log|sql|db|sqlite)$/i.test(name)
