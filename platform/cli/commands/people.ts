import { defineCommand, table } from '@hokku/kit/command-line'
import { homeOf } from '../installation.ts'
import { askPlane } from '../plane-client.ts'

export const command = defineCommand({
  summary: 'Lists who may use the platform, or ends all tokens of a person.',
  examples: ['hokku people', 'hokku people --revoke ann@example.com'],
  options: {
    revoke: {
      type: 'string',
      placeholder: 'email',
      description: 'Ends all tokens, sessions and invitations of this person; apps stay.',
    },
    json: { type: 'boolean', description: 'Prints JSON instead of a table.' },
  },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const home = homeOf(env)
    if (options.revoke !== undefined) {
      const path = `/hokku/people/${encodeURIComponent(options.revoke)}/tokens`
      const { email, revoked } = await askPlane<Revocation>(home, 'DELETE', path)
      console.log(`${email} is out: ${revoked} tokens and sessions ended.`)
      return 0
    }
    const people = await askPlane<Person[]>(home, 'GET', '/hokku/people')
    console.log(options.json ? JSON.stringify(people, null, 2) : describe(people))
    return 0
  },
})

type Revocation = Readonly<{ email: string; revoked: number }>
type Person = Readonly<{
  email: string
  role: string
  apps: readonly string[]
  tokens: number
  sessions: number
  is_invited: boolean
}>

const describe = (people: readonly Person[]): string =>
  table(
    people.map(({ email, role, apps, tokens, sessions, is_invited: isInvited }) => [
      email,
      role,
      isInvited ? 'invited' : `${tokens} tokens, ${sessions} sessions`,
      apps.join(', '),
    ]),
  )
