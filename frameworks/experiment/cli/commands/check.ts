import { loadCustom } from '../../custom/load-custom.ts'
import { missingPages } from '../../pages/templates.ts'
import { problem } from '../../problems.ts'
import { countConditions } from '../../http/study-server.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'

export const command = psiturkCommand({
  summary: 'Checks the files and settings of the study without starting it.',
  run: check,
})

async function check(session: Session): Promise<number> {
  const { study } = session
  const { fatal, replaced } = missingPages(study.directory)
  if (fatal.length > 0) {
    throw problem('template_broken', `templates/${fatal.join(', templates/')} is missing.`, {
      hint: 'A study needs ad.html, consent.html and exp.html.',
    })
  }
  const conditions = countConditions(study.directory)
  const custom = await loadCustom(study.directory)
  const notices = [
    ...study.warnings,
    ...custom.notices,
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
