import { problem } from '../problems.ts'

/** A place where data is kept, as `PIO_STORAGE_SOURCES_<NAME>_…` describe it. */
export type Source = Readonly<{
  name: string
  type: string
  settings: Readonly<Record<string, string>>
}>

/** What is kept there: `namespace` sets apart several installations in one database. */
export type Repository = Readonly<{ namespace: string; source: Source }>

export type RepositoryName = 'METADATA' | 'EVENTDATA' | 'MODELDATA'
export type StorageConfiguration = Readonly<Record<RepositoryName, Repository>>

/** Namespaces as PredictionIO's buildpack names them. */
export const DEFAULT_NAMESPACES: Readonly<Record<RepositoryName, string>> = {
  METADATA: 'pio_meta',
  EVENTDATA: 'pio_event',
  MODELDATA: 'pio_model',
}
const REPOSITORIES = ['METADATA', 'EVENTDATA', 'MODELDATA'] as const

/** The source that stands for `DATABASE_URL`, or the embedded PostgreSQL of this machine. */
export const DEFAULT_SOURCE: Source = { name: 'PGSQL', type: 'jdbc', settings: {} }

/**
 * Where an environment (after `pio-env.sh`) keeps metadata, events and models. Without any
 * `PIO_STORAGE_*` variable all three are in the PostgreSQL of `DATABASE_URL`.
 *
 * @throws Problem `storage_unconfigured` with every error in `details.errors`
 */
export function readStorage(env: NodeJS.ProcessEnv): StorageConfiguration {
  if (env['PIO_ELASTICSEARCH_URL']) throw elasticsearchComesLater()
  if (!Object.keys(env).some((name) => name.startsWith('PIO_STORAGE_'))) return DEFAULT
  const errors: string[] = []
  const read = (repository: RepositoryName): Repository =>
    readRepository(env, repository, (error) => errors.push(error))
  const configuration = {
    METADATA: read('METADATA'),
    EVENTDATA: read('EVENTDATA'),
    MODELDATA: read('MODELDATA'),
  }
  if (errors.length === 0) return configuration
  const distinct = [...new Set(errors)]
  throw problem(
    'storage_unconfigured',
    `${distinct.join('\n')}\nThere were ${distinct.length} configuration errors. Exiting.`,
    { details: { errors: distinct } },
  )
}

const repository = (name: RepositoryName): Repository => ({
  namespace: DEFAULT_NAMESPACES[name],
  source: DEFAULT_SOURCE,
})
const DEFAULT: StorageConfiguration = {
  METADATA: repository('METADATA'),
  EVENTDATA: repository('EVENTDATA'),
  MODELDATA: repository('MODELDATA'),
}

function readRepository(
  env: NodeJS.ProcessEnv,
  name: RepositoryName,
  onError: (error: string) => void,
): Repository {
  const prefix = `PIO_STORAGE_REPOSITORIES_${name}`
  const sourceName = env[`${prefix}_SOURCE`]
  const namespace = env[`${prefix}_NAME`] || DEFAULT_NAMESPACES[name]
  if (!sourceName) {
    onError(`Required repository (${name}) configuration is missing.`)
    return repository(name)
  }
  const source = readSource(env, sourceName)
  if (source === undefined) onError(`${sourceName} is not a configured storage source.`)
  else checkSource(source, name, env).forEach(onError)
  if (!/^[a-z_][a-z0-9_]{0,50}$/i.test(namespace)) {
    onError(`${prefix}_NAME must be a name of letters, digits and underscores.`)
  }
  return { namespace, source: source ?? DEFAULT_SOURCE }
}

function readSource(env: NodeJS.ProcessEnv, name: string): Source | undefined {
  const prefix = `PIO_STORAGE_SOURCES_${name}_`
  const type = env[`${prefix}TYPE`]
  if (!type) return undefined
  const settings = Object.entries(env)
    .filter(([key, value]) => key.startsWith(prefix) && key !== `${prefix}TYPE` && value)
    .map(([key, value]) => [key.slice(prefix.length), value ?? ''])
  return { name, type, settings: Object.fromEntries(settings) as Record<string, string> }
}

/** What is missing in a source for this use of it. */
function checkSource(source: Source, name: RepositoryName, env: NodeJS.ProcessEnv): string[] {
  const kind = KINDS[source.type]
  if (kind === undefined || !kind.repositories.includes(name)) {
    return [comesLater(source, name)]
  }
  const required = source.type === 'jdbc' ? requiredOfJdbc(source, env) : kind.required
  return required
    .filter((key) => source.settings[key] === undefined)
    .map((key) => `The ${key} variable is not set! (storage source ${source.name})`)
}

const KINDS: Readonly<
  Record<string, { repositories: readonly RepositoryName[]; required: readonly string[] }>
> = {
  jdbc: { repositories: REPOSITORIES, required: ['URL', 'USERNAME', 'PASSWORD'] },
  localfs: { repositories: ['MODELDATA'], required: ['PATH'] },
  s3: { repositories: ['MODELDATA'], required: ['BUCKET_NAME'] },
}

/** Without a URL it means the database of the environment; an address may carry its user itself. */
function requiredOfJdbc({ settings }: Source, env: NodeJS.ProcessEnv): readonly string[] {
  const { URL: address } = settings
  if (address === undefined && env['DATABASE_URL']) return []
  return address !== undefined && /\/\/[^/@]+@/.test(address) ? [] : ['URL', 'USERNAME', 'PASSWORD']
}

const comesLater = (source: Source, name: RepositoryName): string =>
  `${name} cannot be kept in a source of type ${source.type} (${source.name}): this version knows` +
  ` jdbc (PostgreSQL) for all repositories, localfs and s3 for MODELDATA.`

const elasticsearchComesLater = () =>
  problem(
    'storage_unsupported',
    'PIO_ELASTICSEARCH_URL asks for metadata in Elasticsearch, which this version cannot use yet.',
    {
      hint: 'Unset PIO_ELASTICSEARCH_URL: metadata is then kept in the PostgreSQL of DATABASE_URL.',
    },
  )

/** One line about a source for error messages, with everything secret masked. */
export function describeSource(source: Source): string {
  const settings = Object.entries(source.settings)
    .map(([key, value]) => `${key} -> ${maskSetting(key, value)}`)
    .join(', ')
  return `Source Name: ${source.name}; Type: ${source.type}; Configuration: ${settings}`
}

/** Hides a secret: the value of a variable that is called like one, and passwords inside URLs. */
export const maskSetting = (name: string, value: string): string =>
  /PASSWORD|SECRET|_KEY|ACCESSKEY|TOKEN/i.test(name)
    ? '********'
    : value.replaceAll(/(:\/\/[^:@/\s]*:)[^@\s]*@/g, '$1********@')
