import type { Study } from '../../configuration/config.ts'
import { loadCustom } from '../../custom/load-custom.ts'
import { describeMissing } from '../../custom/python-code.ts'
import { startPythonStudy } from '../../custom/python-study.ts'
import { tablesOf } from '../../store/tables.ts'
import { missingPages } from '../../pages/templates.ts'
import { problem } from '../../problems.ts'
import { countConditions } from '../../http/study-server.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { studyFor, WITHOUT_CUSTOM } from '../without-custom.ts'

export const command = psiturkCommand({
  summary: 'Checks the files and settings of the study without starting it.',
  options: WITHOUT_CUSTOM,
  run: (session, { options }) => check(session, studyFor(session.study, options)),
})

async function check(session: Session, study: Study): Promise<number> {
  const { fatal, replaced } = missingPages(study.directory)
  if (fatal.length > 0) {
    throw problem('template_broken', `templates/${fatal.join(', templates/')} is missing.`, {
      hint: 'A study needs ad.html, consent.html and exp.html.',
    })
  }
  const conditions = countConditions(study.directory)
  const notices = [
    ...(await checkOwnCode(session, study)),
    ...study.warnings,
    ...replaced.map((name) => `templates/${name} is missing; a plain page is shown instead.`),
  ]
  for (const notice of notices) session.print(` !     ${notice}`)
  const { num_conds, num_counters, experiment_code_version } = study.settings.task
  const cells = conditions ?? num_conds * num_counters
  session.print(
    `       Version ${experiment_code_version}, ${cells} ${cells === 1 ? 'condition' : 'conditions'}`,
  )
  return 0
}

/**
 * Loads the study's own code, `custom.py` in Python, and ends it again.
 *
 * @throws Problem that names what the study would lack
 */
async function checkOwnCode({ print }: Session, study: Study): Promise<readonly string[]> {
  const { hasPython } = await loadCustom(study.directory)
  if (!hasPython) return []
  if (study.settings.server.without_custom) return [describeMissing(study.directory)]
  const { database_url } = study.settings.database
  const said = (text: string): void => print(`       ${text}`)
  const python = await startPythonStudy({
    study,
    tables: tablesOf(study.settings.database),
    // The database is not asked: a build has none.
    databaseUrl: database_url.startsWith('postgres') ? database_url : 'postgresql://127.0.0.1/none',
    secret: 'none',
    isTrial: true,
    log: said,
    print: said,
  })
  await python.stop()
  return python.notices
}
