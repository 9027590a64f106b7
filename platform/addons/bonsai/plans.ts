import type { Plan } from '../provider.ts'

/**
 * Names as on Heroku. They are all the same here: the cluster is the operator's, and so are its
 * limits.
 *
 * @see https://elements.heroku.com/addons/bonsai
 */
export const PLANS: readonly Plan[] = [
  { name: 'sandbox', humanName: 'Sandbox' },
  { name: 'sandbox-6', humanName: 'Sandbox 6', retired: true },
  { name: 'sandbox-10', humanName: 'Sandbox 10', retired: true },
  { name: 'starter', humanName: 'Starter', retired: true },
  { name: 'staging', humanName: 'Staging' },
  { name: 'standard-sm', humanName: 'Standard Small' },
  { name: 'standard-md', humanName: 'Standard Medium' },
  { name: 'standard-lg', humanName: 'Standard Large' },
]

export const DEFAULT_PLAN = 'sandbox'
