import type { Study } from '../configuration/config.ts'
import { printed } from '../pages/python-values.ts'
import { VIEWS } from '../pages/views.ts'

/** Names that every template may use, as in the original. */
export function templateGlobals(study: Study): Record<string, unknown> {
  return {
    url_for: urlFor,
    // Empty text instead of an empty list: in Jinja an empty list is false.
    get_flashed_messages: () => '',
    request: { args: {}, form: {} },
    session: {},
    g: {},
    config: configOf(study),
  }
}

function urlFor(view: string, options: Readonly<Record<string, unknown>> = {}): string {
  if (view === 'static') return `/static/${printed(options['filename'])}`
  return VIEWS[view.split('.').at(-1) ?? ''] ?? `/${view.split('.').at(-1) ?? ''}`
}

/** Options that may stand in a page; keys, passwords and addresses of databases may not. */
function configOf(study: Study): Record<string, string> {
  const { task } = study.settings
  return {
    experiment_code_version: task.experiment_code_version,
    contact_email_on_error: task.contact_email_on_error,
    num_conds: String(task.num_conds),
    num_counters: String(task.num_counters),
  }
}
