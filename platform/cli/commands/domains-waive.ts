import { defineCommand } from '@hokku/kit/command-line'
import { homeOf } from '../installation.ts'
import { askPlane } from '../plane-client.ts'

export const command = defineCommand({
  summary: 'Serves a custom domain of an app without a proof in DNS.',
  details: 'For names that your people own and whose DNS this machine cannot see.',
  examples: ['hokku domains:waive www.example.com'],
  arguments: { hostname: { type: 'string', description: 'A domain that an app has added.' } },
  options: {},
  run: async ({ arguments: { hostname } }, env: NodeJS.ProcessEnv) => {
    const path = `/hokku/domains/${encodeURIComponent(hostname)}/waive`
    const answer = await askPlane<{ hostname: string; app: string }>(homeOf(env), 'POST', path)
    console.log(`${answer.app} is served at ${answer.hostname}.`)
    return 0
  },
})
