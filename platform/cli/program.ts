import { completionCommand, type Program } from '@hokku/kit/command-line'

/** `hokku`. Words that are not its own go to the official heroku CLI. */
export const hokku: Program<NodeJS.ProcessEnv> = {
  name: 'hokku',
  summary:
    'hokku is a Heroku of your own: it runs on your machine, and the heroku CLI works with it.',
  usage: [
    ['<heroku command>', 'Runs the official heroku CLI against your platform.'],
    ['-- <heroku command>', 'The same, also for commands that hokku has itself.'],
  ],
  groups: {
    'The platform': {
      up: () => import('./commands/up.ts'),
      down: () => import('./commands/down.ts'),
      status: () => import('./commands/status.ts'),
      doctor: () => import('./commands/doctor.ts'),
      backup: () => import('./commands/backup.ts'),
      restore: () => import('./commands/restore.ts'),
      'install-service': () => import('./commands/install-service.ts'),
    },
    People: {
      invite: () => import('./commands/invite.ts'),
      people: () => import('./commands/people.ts'),
      'domains:waive': () => import('./commands/domains-waive.ts'),
      audit: () => import('./commands/audit.ts'),
    },
    'Working with it': {
      env: () => import('./commands/env.ts'),
      token: () => import('./commands/token.ts'),
      connect: () => import('./commands/connect.ts'),
      'ci:run': () => import('./commands/ci-run.ts'),
      completion: async () => ({ command: completionCommand('hokku') }),
    },
  },
  notes: `All files of the platform are in HOKKU_HOME (default: ~/.hokku; as root: /var/lib/hokku).`,
  misuseCode: 2,
  takeUnknown: async (words, env) => await (await import('./commands/heroku.ts')).run(words, env),
}
