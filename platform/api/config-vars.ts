import * as z from 'zod'
import { problem, renderConfig, type ConfigVar } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#config-vars */
export const configVarRoutes: Routes = (api, plane) => {
  const { store, addons, releases } = plane
  const shown = (appId: string) => renderConfig(store.configVars.list(appId), addons.endpoints())

  api.get('/apps/:app/config-vars', (request) => shown(appOf(request, store).id))
  api.patch('/apps/:app/config-vars', takes(ConfigUpdate), (request) => {
    const app = appOf(request, store)
    const wanted = bodyOf(request, ConfigUpdate)
    store.transaction(() => {
      const change = planConfigChange(store.configVars.list(app.id), wanted)
      for (const [name, value] of change.set) {
        store.configVars.set(app.id, { name, value, attachmentId: null })
      }
      for (const name of change.unset) store.configVars.unset(app.id, name)
      const description = describeChange(change)
      if (description === undefined) return
      releases.create({
        appId: app.id,
        accountId: accountOf(request).id,
        description,
        releasePhase: true,
      })
    })
    return shown(app.id)
  })
}

type ConfigChange = Readonly<{
  set: readonly (readonly [string, string])[]
  unset: readonly string[]
}>

/**
 * What really changes: vars that already have the value, or are not there to be unset, drop out.
 *
 * @throws Problem `invalid_params` for names and sizes that are not valid, and for vars of add-ons
 */
export function planConfigChange(
  present: readonly ConfigVar[],
  wanted: Readonly<Record<string, string | null>>,
): ConfigChange {
  const now = new Map(present.map((entry) => [entry.name, entry]))
  const changes = Object.entries(wanted).filter(
    ([name, value]) => (now.get(name)?.value ?? null) !== value,
  )
  for (const [name] of changes) {
    checkName(name)
    if (now.get(name)?.attachmentId != null) {
      throw problem('invalid_params', `${name} is set by an add-on and cannot be overwritten.`, {
        hint: 'Detach the add-on first: heroku addons:detach',
      })
    }
  }
  const set = changes.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const unset = changes.flatMap(([name, value]) => (value === null ? [name] : []))
  checkSize(present, set, unset)
  return { set, unset }
}

function checkName(name: string): void {
  if (/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name.length <= NAME_LENGTH_MAX) return
  throw problem(
    'invalid_params',
    `"${name}" is not a valid name for a config var: use letters, digits and underscores, ` +
      `do not start with a digit or with two underscores.`,
  )
}

function checkSize(
  present: readonly ConfigVar[],
  set: ConfigChange['set'],
  unset: readonly string[],
): void {
  const all = new Map(present.map(({ name, value }) => [name, value]))
  for (const [name, value] of set) {
    if (value.includes('\0')) throw problem('invalid_params', `${name} contains a NUL character.`)
    all.set(name, value)
  }
  for (const name of unset) all.delete(name)
  const bytes = [...all].reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
    0,
  )
  if (bytes > CONFIG_BYTES_MAX) {
    throw problem('invalid_params', `Config vars may take 64 kB in all, these take ${bytes} bytes.`)
  }
}

/** As on Heroku. */
const CONFIG_BYTES_MAX = 64 * 1024
const NAME_LENGTH_MAX = 256

function describeChange({ set, unset }: ConfigChange): string | undefined {
  const names = (list: readonly string[]): string => list.join(', ')
  const setNames = names(set.map(([name]) => name))
  if (set.length > 0 && unset.length > 0) {
    return `Set ${setNames} config vars and remove ${names(unset)} config vars`
  }
  if (set.length > 0) return `Set ${setNames} config vars`
  return unset.length > 0 ? `Remove ${names(unset)} config vars` : undefined
}

const ConfigUpdate = z.record(
  z.string(),
  z.union([z.string(), z.number().transform(String), z.boolean().transform(String), z.null()]),
)
