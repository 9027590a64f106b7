import type { Formation, Slug } from '../store/index.ts'

export type FormationChange =
  | Readonly<{ do: 'set'; type: string; quantity: number; size: string; command: string }>
  | Readonly<{ do: 'drop'; type: string }>

/**
 * How an app's formation follows the process types of a slug that is about to be released: new
 * types join with 0 dynos, but `web` with 1, so that a first deploy is seen at once.
 */
export function joinProcessTypes(
  slug: Pick<Slug, 'processTypes'>,
  formation: readonly Formation[],
): FormationChange[] {
  return Object.entries(slug.processTypes)
    .filter(([type]) => !formation.some((entry) => entry.type === type))
    .map(([type, command]) => {
      const quantity = type === 'web' ? 1 : 0
      return { do: 'set', type, quantity, size: DEFAULT_SIZE, command }
    })
}

/** What changes once the slug is live: commands are its own, types that it lacks are dropped. */
export function settleProcessTypes(
  slug: Pick<Slug, 'processTypes'>,
  formation: readonly Formation[],
): FormationChange[] {
  return formation.flatMap((entry): FormationChange[] => {
    const command = slug.processTypes[entry.type]
    if (command === undefined) return [{ do: 'drop', type: entry.type }]
    if (command === entry.command) return []
    return [{ do: 'set', type: entry.type, quantity: entry.quantity, size: entry.size, command }]
  })
}

/** Ruling 23. */
const DEFAULT_SIZE = 'Basic'
