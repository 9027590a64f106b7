/** What is known of an extension on the server that a dump is restored to. */
export type Extension = Readonly<{ name: string; trusted: boolean }>

export type RestorePlan = Readonly<{
  /** The table of contents without what is left out, for `pg_restore --use-list`. */
  list: string
  /** Extensions that only an administrator may create, and that are harmless: made beforehand. */
  create: readonly string[]
  /** What is left out and worth telling. */
  skipped: readonly string[]
}>

/**
 * Decides what of a dump is restored by the database's owner. Everything that holds data is kept;
 * left out is what only a superuser may do and what is there already.
 *
 * @param contents output of `pg_restore --list`
 * @param available extensions that the server could create
 */
export function planRestore(contents: string, available: readonly Extension[]): RestorePlan {
  const known = new Map(available.map((extension) => [extension.name, extension]))
  const [kept, create, skipped]: [string[], string[], string[]] = [[], [], []]
  for (const line of contents.split('\n')) {
    const entry = parseEntry(line)
    const verdict = entry === undefined ? 'keep' : judge(entry, known)
    if (verdict === 'keep') kept.push(line)
    if (verdict === 'create' && entry) create.push(entry.name)
    if (verdict === 'skip' && entry) skipped.push(`${entry.kind} ${entry.name}`)
  }
  return { list: kept.join('\n'), create, skipped }
}

type Entry = Readonly<{ kind: string; name: string }>
type Verdict = 'keep' | 'create' | 'skip' | 'drop silently'

/** A line such as `3; 3079 16385 EXTENSION - hstore `; headers begin with a semicolon. */
function parseEntry(line: string): Entry | undefined {
  const match = /^\d+; \d+ \d+ ([A-Z][A-Z ]*[A-Z]) (\S+) (.*)$/.exec(line)
  if (match === null) return undefined
  const [, kind = '', schema = '', rest = ''] = match
  // Names without a schema have a dash in its place; the owner follows the name.
  return { kind, name: (schema === '-' ? rest : `${schema}.${rest}`).trim().split(' ')[0] ?? '' }
}

function judge({ kind, name }: Entry, known: ReadonlyMap<string, Extension>): Verdict {
  if (kind === 'EXTENSION') return judgeExtension(name, known)
  if (kind === 'COMMENT' && /^(EXTENSION|SCHEMA)$/.test(name)) return 'drop silently'
  if (kind === 'SCHEMA' && name === 'public') return 'drop silently'
  return SUPERUSER_ONLY.has(kind) ? 'skip' : 'keep'
}

function judgeExtension(name: string, known: ReadonlyMap<string, Extension>): Verdict {
  if (name === 'plpgsql') return 'drop silently'
  const extension = known.get(name)
  if (extension === undefined) return 'skip'
  if (extension.trusted) return 'keep'
  return HARMLESS_EXTENSIONS.has(name) ? 'create' : 'skip'
}

const SUPERUSER_ONLY = new Set([
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SUBSCRIPTION',
  'SERVER',
  'USER MAPPING',
  'FOREIGN DATA WRAPPER',
  'PROCEDURAL LANGUAGE',
])

/** Not marked as trusted by PostgreSQL, but without access to files, other databases or the network. */
export const HARMLESS_EXTENSIONS: ReadonlySet<string> = new Set([
  'bloom',
  'earthdistance',
  'pg_stat_statements',
  'pgrowlocks',
  'pgstattuple',
  'sslinfo',
  'xml2',
])
