import { DEFAULT_SIZE, findSize } from '../../dynos/index.ts'
import type { Releases } from '../../releases/index.ts'
import { Problem } from '@hokku/kit/problem'
import { readTenantText } from '../../sandbox/index.ts'
import type { App, Slug, Store } from '../../store/index.ts'
import type { BuiltIn } from '../compile/catalogue.ts'
import { displayName, parseReference } from '../compile/reference.ts'
import type { BuildAddons } from '../contract.ts'
import type { PushText } from '../push-text.ts'
import { manifestForTests, NO_SETUP, parseAppJson, planSetup, type Setup } from './app-json.ts'

export type SetupEffects = Readonly<{
  store: Store
  addons: Pick<BuildAddons, 'ensure'>
  releases: Pick<Releases, 'create'>
  runtimes: Readonly<{ builtIns: readonly BuiltIn[] }>
}>

/** Whether nothing has been deployed to the app yet. */
export const isFirstDeploy = (app: App, store: Store): boolean =>
  !store.releases.list(app.id).some((release) => release.slugId !== null)

/**
 * At an app's first deploy: does what its `app.json` asks for before anything is built, so that
 * the build sees buildpacks, add-ons and config vars. Later deploys leave it alone.
 *
 * A manifest that cannot be read is no reason to refuse a push that would work without it.
 */
export async function setUpApp(
  at: Readonly<{ app: App; accountId: string; tree: string; text: PushText; isTest: boolean }>,
  effects: SetupEffects,
): Promise<Setup> {
  const { app, accountId, text } = at
  if (!isFirstDeploy(app, effects.store)) return NO_SETUP
  const read = await readSetup(at, effects.store)
  if (read === NO_SETUP) return read
  const setup = { ...read, buildpacks: knownBuildpacks(read.buildpacks, text, effects) }
  text.topic('Setting up the app from app.json, since this is its first deploy')
  if (setup.buildpacks.length > 0) {
    text.detail(`Buildpacks: ${setup.buildpacks.map(displayName).join(', ')}`)
  }
  for (const addon of setup.addons) await ensureAddon(addon, at, effects)
  if (setup.config.length > 0) text.detail(setConfig(setup, app, accountId, effects))
  if (setup.missing.length > 0) tellMissing(setup.missing, text)
  return setup
}

/** Leaves out buildpacks that do not exist, with a notice: the others may do. */
function knownBuildpacks(
  urls: readonly string[],
  text: PushText,
  { runtimes }: SetupEffects,
): readonly string[] {
  return urls.filter((url) => {
    try {
      return parseReference(url, runtimes.builtIns) !== undefined
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      text.warn(`app.json: ${error.message}\n${error.hint ?? ''}\nThe push continues without it.`)
      return false
    }
  })
}

/** Creates an add-on. The app may do without it, so a failure is a notice. */
async function ensureAddon(
  { plan, as }: Setup['addons'][number],
  { app, accountId, text }: Readonly<{ app: App; accountId: string; text: PushText }>,
  { addons }: SetupEffects,
): Promise<void> {
  text.detail(`Add-on: ${plan}`)
  try {
    await addons.ensure(app.id, accountId, plan, as)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const hint = error.hint === undefined ? '' : `\n${error.hint}`
    text.warn(`The app has no ${plan}: ${error.message}${hint}\nThe push continues without it.`)
  }
}

async function readSetup(
  { tree, app, text, isTest }: Parameters<typeof setUpApp>[0],
  store: Store,
): Promise<Setup> {
  try {
    const json = await readTenantText(tree, 'app.json', APP_JSON_BYTES_MAX)
    if (json === null) return NO_SETUP
    const { manifest, wrong } = parseAppJson(json)
    for (const one of wrong) text.warn(one)
    return planSetup(isTest ? manifestForTests(manifest) : manifest, {
      config: store.configVars.list(app.id).map((one) => one.name),
      buildpacks: store.buildpackInstallations.list(app.id).map((one) => one.url),
    })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    text.warn(`${error.message}\nIt is ignored.`)
    return NO_SETUP
  }
}

/** The longest public manifests have some 20 KiB. */
const APP_JSON_BYTES_MAX = 1024 * 1024

/** Config vars and the release that they make, in one transaction. @returns what was done */
function setConfig(setup: Setup, app: App, accountId: string, effects: SetupEffects): string {
  const names = setup.config.map((one) => one.name).join(', ')
  const description = `Set ${names} config vars`
  effects.store.transaction(() => {
    for (const { name, value } of setup.config) {
      effects.store.configVars.set(app.id, { name, value, attachmentId: null })
    }
    effects.releases.create({ appId: app.id, accountId, description, releasePhase: false })
  })
  return description
}

function tellMissing(names: readonly string[], text: PushText): void {
  text.warn(
    `app.json requires values that are not set: ${names.join(', ')}\n` +
      `Set them with: heroku config:set ${names[0]}=...`,
  )
}

/** Adds what the last buildpack asks for, as Heroku does once. */
export async function addBuildpackAddons(
  plans: readonly string[],
  at: Readonly<{ app: App; accountId: string; text: PushText }>,
  effects: SetupEffects,
): Promise<void> {
  if (plans.length === 0 || !isFirstDeploy(at.app, effects.store)) return
  at.text.topic('Adding add-ons that the buildpack asks for')
  const set = new Set(effects.store.configVars.list(at.app.id).map(({ name }) => name))
  for (const plan of new Set(plans)) {
    const variable = MAIN_VARIABLES[plan.split(':')[0] ?? '']
    if (variable !== undefined && set.has(variable)) {
      at.text.detail(`${plan}: ${variable} is set already`)
    } else await ensureAddon({ plan }, at, effects)
  }
}

/** A variable with which an app needs no such add-on, set by hand or by an attachment. */
const MAIN_VARIABLES: Readonly<Record<string, string>> = {
  'heroku-postgresql': 'DATABASE_URL',
  'heroku-redis': 'REDIS_URL',
}

/** Keeps the buildpacks of the manifest for later pushes, once the first one is through. */
export function keepBuildpacks(setup: Setup, appId: string, store: Store): void {
  if (setup.buildpacks.length === 0) return
  const list = setup.buildpacks.map((url) => ({ url, name: displayName(url) }))
  store.buildpackInstallations.replace(appId, list)
}

/** Quantities and sizes that the manifest gives to process types of the slug. */
export function applyFormation(
  setup: Setup,
  appId: string,
  processTypes: Slug['processTypes'],
  store: Store,
): void {
  for (const [type, wanted] of Object.entries(setup.formation)) {
    const command = processTypes[type]
    if (command === undefined || store.formations.find(appId, type) !== undefined) continue
    const size = findSize(wanted.size ?? DEFAULT_SIZE)?.name ?? DEFAULT_SIZE
    const quantity = type === 'release' ? 0 : (wanted.quantity ?? (type === 'web' ? 1 : 0))
    store.formations.set(appId, { type, quantity, size, command })
  }
}
