import { createHash, randomInt } from 'node:crypto'
import { problem } from '../store/index.ts'

/** A name such as `postgresql-round-12345`. */
export const inventAddonName = (prefix: string): string =>
  `${prefix}-${SHAPES[randomInt(SHAPES.length)]}-${randomInt(10_000, 100_000)}`

/** `prefix_COLOR` with a color that no name in `taken` has. */
export function colorName(prefix: string, taken: readonly string[]): string {
  const free = COLORS.map((color) => `${prefix}_${color}`).filter((n) => !taken.includes(n))
  const name = free[randomInt(Math.max(1, free.length))]
  if (name !== undefined) return name
  throw problem('invalid_params', `All ${COLORS.length} colors are in use for ${prefix}.`, {
    hint: 'Name the attachment yourself with --as NAME, or detach one.',
  })
}

/**
 * An attachment's name as config vars can begin with it; lower case is raised.
 *
 * @throws Problem `invalid_params`
 */
export function checkAttachmentName(name: string): string {
  const raised = name.toUpperCase()
  if (/^[A-Z][A-Z0-9_]{0,62}$/.test(raised)) return raised
  throw problem('invalid_params', `"${name}" is not a valid name for an attachment.`, {
    hint: 'Start with a letter; use letters, digits and underscores, at most 63 in all.',
  })
}

/** @throws Problem `invalid_params` */
export function checkAddonName(name: string): string {
  if (/^[a-z][a-z0-9-]{1,98}[a-z0-9]$/.test(name)) return name
  throw problem('invalid_params', `"${name}" is not a valid name for an add-on.`, {
    hint: 'Start with a lowercase letter; use lowercase letters, digits and dashes.',
  })
}

/** The same UUID for the same text: ids of services and plans, which are not stored. */
export function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const SHAPES =
  'acute amorphous angular animate asymmetrical clear colorful concave concentric contoured convex corrugated crystalline cubed curly curved cylindrical deep defined dimensional elliptical encircled fitted fluffy flat graceful horizontal infinite metric objective octagonal opaque parallel perpendicular pointy polished regular rigid round rugged shallow shaped silhouetted sinuous smooth solid spherical symmetrical tapered transparent triangular trapezoidal vertical wavy'.split(
    ' ',
  )

/** As Heroku names them. */
export const COLORS =
  'AMBER AQUA BLACK BLUE BRONZE BROWN CHARCOAL COBALT COPPER CRIMSON CYAN GOLD GRAY GREEN IVORY JADE MAROON MAUVE NAVY OLIVE ONYX ORANGE PINK PUCE PURPLE RED ROSE SILVER TEAL VIOLET WHITE YELLOW'.split(
    ' ',
  )
