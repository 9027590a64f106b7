import { completionCommand, type Program } from '@hokku/kit/command-line'
import type { Context } from './command.ts'
import { OPTIONS } from './options.ts'
import { report } from './report.ts'

/** `pio`, with the commands, exit codes and log lines of PredictionIO. */
export const pio: Program<Context> = {
  name: 'pio',
  summary:
    'pio collects events, trains engines on them and serves predictions, as PredictionIO does.',
  groups: {
    Engines: {
      'template new': () => import('./template-new.ts'),
      build: () => import('./build.ts'),
      train: () => import('./train.ts'),
      eval: () => import('./eval.ts'),
      deploy: () => import('./deploy.ts'),
      undeploy: () => import('./undeploy.ts'),
      batchpredict: () => import('./batchpredict.ts'),
      run: () => import('./run.ts'),
    },
    Apps: {
      'app new': () => import('./app-new.ts'),
      'app list': () => import('./app-list.ts'),
      'app show': () => import('./app-show.ts'),
      'app count': () => import('./app-count.ts'),
      'app delete': () => import('./app-delete.ts'),
      'app data-delete': () => import('./app-data-delete.ts'),
      'app channel-new': () => import('./app-channel-new.ts'),
      'app channel-delete': () => import('./app-channel-delete.ts'),
      'accesskey new': () => import('./accesskey-new.ts'),
      'accesskey list': () => import('./accesskey-list.ts'),
      'accesskey delete': () => import('./accesskey-delete.ts'),
    },
    Events: {
      eventserver: () => import('./eventserver.ts'),
      import: () => import('./import.ts'),
      export: () => import('./export.ts'),
      shell: () => import('./shell.ts'),
    },
    'This installation': {
      'start-all': () => import('./start-all.ts'),
      'stop-all': () => import('./stop-all.ts'),
      status: () => import('./status.ts'),
      dashboard: () => import('./dashboard.ts'),
      adminserver: () => import('./adminserver.ts'),
      version: () => import('./version.ts'),
      completion: async () => ({ command: completionCommand('pio') }),
    },
    'For existing scripts': {
      'template get': () => import('./template-get.ts'),
      'template list': () => import('./template-get.ts'),
      unregister: () => import('./unregister.ts'),
      upgrade: () => import('./upgrade.ts'),
    },
  },
  optionsAnywhere: OPTIONS,
  notes:
    'Events, models and apps are stored in the database of DATABASE_URL or of conf/pio-env.sh; without either, in a PostgreSQL on this machine that starts when it is needed.',
  misuseCode: 1,
  takeUnknown: ([first, ...words], { writeError }) => {
    if (first !== 'help') return undefined
    writeError(`Help is unavailable for ${words.join(' ')}.\n`)
    return Promise.resolve(1)
  },
  report,
}
