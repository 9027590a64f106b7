import type { Plan } from '../provider.ts'

export type StoragePlan = Plan & Readonly<{ quotaBytes: number }>

const GB = 1024 ** 3

/**
 * Names and sizes as on Heroku. On a disk of one's own they cost nothing: the size is a limit that
 * keeps one app from filling it.
 *
 * @see https://elements.heroku.com/addons/bucketeer
 */
export const BUCKETEER_PLANS: readonly StoragePlan[] = [
  { name: 'hobbyist', humanName: 'Hobbyist', quotaBytes: 5 * GB },
  { name: 'micro', humanName: 'Micro', quotaBytes: 25 * GB },
  { name: 'startup', humanName: 'Startup', quotaBytes: 75 * GB },
  { name: 'small', humanName: 'Small', quotaBytes: 250 * GB },
  { name: 'pro', humanName: 'Pro', quotaBytes: 500 * GB },
  { name: 'large', humanName: 'Large', quotaBytes: 1000 * GB },
]

/** @see https://elements.heroku.com/addons/cloudcube */
export const CLOUDCUBE_PLANS: readonly StoragePlan[] = [
  { name: 'free', humanName: 'Free', quotaBytes: 10 * 1024 ** 2, retired: true },
  { name: 'mini', humanName: 'Mini', quotaBytes: 5 * GB },
  { name: 'medium', humanName: 'Medium', quotaBytes: 50 * GB },
  { name: 'large', humanName: 'Large', quotaBytes: 500 * GB },
]
