import { problem } from '../../store/index.ts'
import { HARMLESS_EXTENSIONS, type Extension } from './restore-list.ts'
import type { DatabaseServer } from './server.ts'

/** Extensions that this server could create. */
export async function availableExtensions(server: DatabaseServer): Promise<Extension[]> {
  const { rows } = await server.withAdmin((client) =>
    client.query<Extension>(
      'select name, bool_or(trusted) as trusted from pg_available_extension_versions group by name',
    ),
  )
  return rows
}

/**
 * Checks the extensions that a user wants in an empty database, each `NAME` or `SCHEMA.NAME`.
 *
 * @throws Problem `invalid_params` that names those that are not to be had
 */
export async function checkExtensions(
  wanted: readonly string[],
  server: DatabaseServer,
): Promise<readonly string[]> {
  if (wanted.length === 0) return wanted
  const allowed = (await availableExtensions(server)).filter(
    ({ name, trusted }) => trusted || HARMLESS_EXTENSIONS.has(name),
  )
  const names = new Set(allowed.map(({ name }) => name))
  const refused = wanted.filter((name) => !names.has(name.split('.').at(-1) ?? ''))
  if (refused.length === 0) return wanted
  throw problem('invalid_params', `Extensions that are not available: ${refused.join(', ')}`, {
    hint: `There are: ${[...names].toSorted().join(', ')}`,
  })
}
