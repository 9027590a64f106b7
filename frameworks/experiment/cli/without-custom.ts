import type { Study } from '../configuration/config.ts'

/** The option of commands that start or check a study with a `custom.py`. */
export const WITHOUT_CUSTOM = {
  'without-custom': {
    type: 'boolean',
    description: 'Leaves custom.py out; the addresses that it answers are refused.',
  },
} as const

/** The study as it is served under that option. */
export function studyFor(study: Study, options: Readonly<{ 'without-custom': boolean }>): Study {
  if (!options['without-custom']) return study
  const { server } = study.settings
  return {
    ...study,
    settings: { ...study.settings, server: { ...server, without_custom: true } },
  }
}
