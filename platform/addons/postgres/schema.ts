import * as z from 'zod'

/** Names that we make ourselves: nothing else may reach an identifier. */
const Identifier = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)

const Credential = z.object({ user: Identifier, password: z.string().min(20) })
export type Credential = z.infer<typeof Credential>

/** What is kept about one database: sealed in the store, see `Provider`. */
export const DatabaseResource = z.object({
  database: Identifier,
  /** By name; `default` owns the database. */
  credentials: z.record(z.string(), Credential),
})
export type DatabaseResource = z.infer<typeof DatabaseResource>
