import { defineCommand } from '@hokku/kit/command-line'
import { homeOf } from '../installation.ts'
import { askPlane } from '../plane-client.ts'

export const command = defineCommand({
  summary: 'Lets a person in: prints a link with which they make their own token.',
  details:
    'The link works once, for 24 hours. For a person who has been in before, it makes a new token ' +
    'without ending the old ones. With --app the person may use that app, too, with the ' +
    'permissions that you name; use it again to change them.',
  examples: [
    'hokku invite ann@example.com',
    'hokku invite ann@example.com --app shop --permissions view,deploy',
  ],
  arguments: { email: { type: 'string', description: 'E-mail address of the person.' } },
  options: {
    role: {
      type: 'choice',
      choices: ['member', 'owner'],
      description: 'Role on the installation. Owners can stop the platform and invite people.',
    },
    app: { type: 'string', placeholder: 'app', description: 'An app that the person may use.' },
    permissions: {
      type: 'string',
      placeholder: 'list',
      description: 'With commas: view, deploy, operate, manage. Default: view,deploy,operate.',
    },
  },
  run: async ({ arguments: { email }, options }, env: NodeJS.ProcessEnv) => {
    const { role, app, permissions } = options
    const { url, hours, note } = await askPlane<Invitation>(
      homeOf(env),
      'POST',
      '/hokku/invitations',
      {
        email,
        ...(role !== undefined && { role }),
        ...(app !== undefined && { app }),
        ...(permissions !== undefined && { permissions: permissions.split(',') }),
      },
    )
    if (note !== null) console.error(note)
    if (url === null)
      console.log(`${email} is in already${app === undefined ? '' : `, and may use ${app}`}.`)
    else {
      console.error(`Give ${email} this link. It works once, for ${hours} hours:\n`)
      console.log(url)
    }
    return 0
  },
})

type Invitation = Readonly<{
  url: string | null
  hours: number
  note: string | null
}>
