import { randomBytes } from 'node:crypto'
import * as z from 'zod'

/** What we know of one add-on: its user on the cluster. */
export const SearchResource = z.object({ user: z.string(), password: z.string() })
export type SearchResource = z.infer<typeof SearchResource>

export const draftUser = (): SearchResource => ({
  user: `hk${randomBytes(8).toString('hex')}`,
  password: newPassword(),
})

export const withNewPassword = (resource: SearchResource): SearchResource => ({
  ...resource,
  password: newPassword(),
})

const newPassword = (): string => randomBytes(32).toString('hex')
