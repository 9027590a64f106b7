import { Problem } from '@hokku/kit/problem'
import type { Route } from '../../http/routes.ts'
import type { Api, Call } from './guard.ts'

export const accountRoutes = (api: Api): Route[] => [
  api.route('GET', '/services_manager', ({ visitor }) => describeAccount(api, visitor)),
]

/** Mode, version, balance and key id; what cannot be had of Mechanical Turk is `unavailable`. */
async function describeAccount(api: Api, visitor: Call['visitor']): Promise<object> {
  const { aws, task } = api.server.study.settings
  const known = { mode: visitor.mode, codeversion: task.experiment_code_version }
  try {
    const { marketplace } = await api.market(visitor)
    return {
      ...known,
      amt_balance: await marketplace.balance(),
      aws_access_key_id: aws.aws_access_key_id,
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { ...known, amt_balance: UNAVAILABLE, aws_access_key_id: UNAVAILABLE }
  }
}

const UNAVAILABLE = 'unavailable'
