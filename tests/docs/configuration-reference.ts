import { join } from 'node:path'
import type { Variables } from '@hokku/kit/config'
import { type Option, SECTIONS } from '../../frameworks/experiment/configuration/options.ts'
import { BARE } from '../../frameworks/experiment/configuration/resolve.ts'
import { VARIABLES as study } from '../../frameworks/experiment/configuration/variables.ts'
import { VARIABLES as engine } from '../../frameworks/engine/variables.ts'
import { Environment as model } from '../../frameworks/model/config.ts'
import { Environment as search } from '../../platform/addons/bonsai/config.ts'
import { Environment as buckets } from '../../platform/addons/object-storage/config.ts'
import { Environment as broker } from '../../platform/addons/rabbitmq/config.ts'
import { VARIABLES as hokku } from '../../platform/cli/variables.ts'
import { Environment as storage } from '../../platform/object-storage/config.ts'
import { Environment as plane } from '../../platform/plane/config.ts'
import { VARIABLES as postgres } from '../../postgres/variables.ts'

/** `docs/configuration.md`: every variable, from the schemas and tables that the code itself has. */
export const FILE = join(import.meta.dirname, '../../docs/configuration.md')

/** `fallback`: what holds when the variable is unset, in words. */
export type Row = Readonly<{ name: string; fallback: string; meaning: string }>
export type Chapter = Readonly<{ title: string; introduction: string; rows: readonly Row[] }>

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'The platform',
    introduction: 'Set these before `hokku up`.',
    rows: [...rowsOf(hokku), ...rowsOfSchema(plane)],
  },
  {
    title: 'Add-ons',
    introduction:
      'Set these before `hokku up` to use servers of your own. How to prepare them: [postgres.md](postgres.md), [rabbitmq.md](rabbitmq.md), [elasticsearch.md](elasticsearch.md), [object-storage.md](object-storage.md).',
    rows: [broker, search, buckets].flatMap((group) => rowsOfGroup(group)),
  },
  {
    title: 'The object storage server',
    introduction: 'Set by the platform, which starts this process.',
    rows: rowsOfSchema(storage),
  },
  {
    title: 'The database of an app',
    introduction: 'Read by all three frameworks.',
    rows: rowsOf(postgres),
  },
  {
    title: 'Engines',
    introduction: 'Config vars of an app, or variables of the shell in which `pio` runs.',
    rows: rowsOf(engine),
  },
  {
    title: 'Models',
    introduction: 'Config vars of an app, or variables of the shell in which `model-server` runs.',
    rows: rowsOfSchema(model),
  },
  {
    title: 'Experiments',
    introduction:
      'Every option of `config.txt` can be set by a variable too, which wins over all files. Sections and cloud defaults: [experiments.md](experiments.md).',
    rows: [...rowsOf(study), ...optionRows()],
  },
]

export const configurationReference = (): string =>
  [INTRODUCTION, ...CHAPTERS.map(chapter)].join('\n')

const INTRODUCTION = `# Configuration

Every environment variable of hokku's processes, its frameworks and its add-ons. An empty variable counts as unset. A value that cannot be used stops the process at its start, with a message that names the variable. \`npm run docs:reference\` writes this page from the schemas and tables in the code.
`

function rowsOf(variables: Variables): Row[] {
  return Object.entries(variables).map(([name, { default: fallback, meaning }]) => ({
    name,
    fallback: fallback ?? 'unset',
    meaning,
  }))
}

/** The part of a zod object that is needed here. */
type Schema = Readonly<{ shape: Readonly<Record<string, Field>> }>
type Field = Readonly<{
  description?: string | undefined
  safeParse: (value: unknown) => Readonly<{ success: boolean; data?: unknown }>
}>

/** The default is what the schema makes of nothing. */
function rowsOfSchema({ shape }: Schema): Row[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(undefined)
    const value = typeof data === 'string' ? data : JSON.stringify(data)
    const fallback = success ? (value ?? 'unset') : 'required'
    return { name, fallback, meaning: schema.description ?? '' }
  })
}

/** A schema that is read only where its first variable is set. */
function rowsOfGroup(schema: Schema): Row[] {
  const [first, ...others] = rowsOfSchema(schema)
  if (first === undefined) return []
  const withFirst = ({ fallback, ...row }: Row): Row => ({
    ...row,
    fallback: fallback === 'required' ? `required with ${first.name}` : fallback,
  })
  return [{ ...first, fallback: 'unset' }, ...others.map(withFirst)]
}

function optionRows(): Row[] {
  return Object.values(SECTIONS).flatMap(({ options }) =>
    Object.entries<Option<unknown>>(options).map(([option, { default: fallback, meaning }]) => {
      const name = option.toUpperCase()
      const names = [`PSITURK_${name}`, ...(BARE.includes(option) ? [name] : [])]
      return { name: names.join('` `'), fallback: fallback || 'unset', meaning }
    }),
  )
}

function chapter({ title, introduction, rows }: Chapter): string {
  const lines = rows.map(
    ({ name, fallback, meaning }) => `| \`${name}\` | ${fallback} | ${meaning} |`,
  )
  return `## ${title}\n\n${introduction}\n\n${[HEAD, RULE, ...lines].join('\n')}\n`
}

const HEAD = '| variable | default | meaning |'
const RULE = '| --- | --- | --- |'
