import { randomBytes } from 'node:crypto'
import * as z from 'zod'

/** What we know of one add-on: a virtual host, and the user that may do everything in it. */
export const BrokerResource = z.object({
  virtualHost: z.string(),
  user: z.string(),
  password: z.string(),
})
export type BrokerResource = z.infer<typeof BrokerResource>

/** User and virtual host are called the same, as at CloudAMQP. */
export function draftBroker(): BrokerResource {
  const name = `hk${randomBytes(8).toString('hex')}`
  return { virtualHost: name, user: name, password: newPassword() }
}

export const withNewPassword = (resource: BrokerResource): BrokerResource => ({
  ...resource,
  password: newPassword(),
})

const newPassword = (): string => randomBytes(32).toString('hex')
