import { defineCommand, table } from '@hokku/kit/command-line'
import { homeOf } from '../installation.ts'
import { askPlane } from '../plane-client.ts'

export const command = defineCommand({
  summary: 'Shows who did what on the platform, from where, and what came of it.',
  details: 'Entries are kept for a year; no one can change them through the platform.',
  examples: ['hokku audit --app shop', 'hokku audit --user ann@example.com --lines 500'],
  options: {
    app: { type: 'string', placeholder: 'app', description: 'Only what was about this app.' },
    user: { type: 'string', placeholder: 'email', description: 'Only what this person did.' },
    lines: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 100,
      description: 'How many entries, the newest.',
    },
    json: { type: 'boolean', description: 'Prints JSON instead of a table.' },
  },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const query = new URLSearchParams({
      max: String(options.lines),
      ...(options.app !== undefined && { app: options.app }),
      ...(options.user !== undefined && { email: options.user }),
    })
    const entries = await askPlane<Entry[]>(homeOf(env), 'GET', `/hokku/audit?${query.toString()}`)
    console.log(options.json ? JSON.stringify(entries, null, 2) : describe(entries))
    return 0
  },
})

type Entry = Readonly<{
  at: string
  email: string | null
  credential: string | null
  address: string
  action: string
  status: number
}>

const describe = (entries: readonly Entry[]): string =>
  entries.length === 0
    ? 'Nothing yet.'
    : table(
        entries.map(({ at, email, credential, address, action, status }) => [
          at.slice(0, 19),
          email ?? 'no token',
          credential ?? '',
          address,
          action,
          status < 400 ? 'done' : `refused, ${status}`,
        ]),
      )
