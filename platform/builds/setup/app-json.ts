import { randomBytes } from 'node:crypto'
import { reasonOf } from '@hokku/kit/problem'
import * as z from 'zod'
import { problem } from '../../store/index.ts'
import { leaveOut } from './leave-out.ts'

/** Numbers and booleans are taken for the text that a config var is. */
const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const Variable = z.union([
  Value.transform((value) => ({ value })),
  z.object({
    value: Value.optional(),
    required: z.boolean().optional(),
    generator: z.literal('secret').optional(),
  }),
])

const Addon = z.union([
  z
    .string()
    .min(1)
    .transform((plan) => ({ plan })),
  z.object({ plan: z.string().min(1), as: z.string().optional() }),
])

const Script = z.union([
  z.string(),
  z.object({ command: z.string() }).transform(({ command }) => command),
])

const Environment = z.record(z.string().regex(/^[A-Za-z_]\w*$/), Variable)
const Addons = z.array(Addon)
const Buildpacks = z.array(z.object({ url: z.string() }))

/** Unknown keys are dropped: most of what the format knows does not concern us. */
const AppJson = z.object({
  env: Environment.default({}),
  formation: z
    .record(
      z.string(),
      z.object({ quantity: z.int().min(0).max(100).optional(), size: z.string().optional() }),
    )
    .default({}),
  addons: Addons.default([]),
  buildpacks: Buildpacks.default([]),
  scripts: z.object({ postdeploy: Script.optional() }).default({}),
  environments: z
    .object({
      test: z
        .object({
          env: Environment.default({}),
          addons: Addons.optional(),
          buildpacks: Buildpacks.optional(),
          scripts: z
            .object({ 'test-setup': Script.optional(), test: Script.optional() })
            .default({}),
        })
        .optional(),
    })
    .default({}),
})
export type AppJson = z.infer<typeof AppJson>

/** How each part has to look, as a user may write it. */
const FORMS: Readonly<Record<string, string>> = {
  env: '{"NAME": "value"} or {"NAME": {"value": "…", "required": false, "generator": "secret"}}',
  formation: '{"web": {"quantity": 1, "size": "basic"}}',
  addons: '["heroku-postgresql:mini"] or [{"plan": "heroku-postgresql:mini", "as": "NAME"}]',
  buildpacks: '[{"url": "heroku/nodejs"}]',
  scripts: '{"postdeploy": "a command"}',
  environments: '{"test": {"env": {}, "addons": [], "scripts": {"test": "a command"}}}',
}

export type ReadManifest = Readonly<{
  manifest: AppJson
  /** What is left out, each with its place and the form that is expected there. */
  wrong: readonly string[]
}>

/**
 * Reads an app's manifest. A detail that is wrong is left out and reported; the rest is used.
 *
 * @throws Problem `build_rejected` for what is not JSON
 * @see https://devcenter.heroku.com/articles/app-json-schema
 */
export function parseAppJson(text: string): ReadManifest {
  const wrong: string[] = []
  let json = parseJson(text)
  for (let left = WRONG_MAX; left > 0; left--) {
    const result = AppJson.safeParse(json)
    if (result.success) return { manifest: result.data, wrong }
    const path = result.error.issues[0]?.path ?? []
    wrong.push(describeWrong(path))
    json = path.length === 0 ? {} : leaveOut(json, path)
  }
  return { manifest: AppJson.parse({}), wrong }
}

/** A manifest with more mistakes than this is not one. */
const WRONG_MAX = 100

function describeWrong(path: readonly PropertyKey[]): string {
  const form = FORMS[String(path[0])]
  if (form === undefined) return 'app.json is not a JSON object. Write for example: {"env": {}}'
  return `app.json: ${path.map(String).join('.')} is not used. Expected: ${String(path[0])}: ${form}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw problem('build_rejected', `app.json is not valid JSON: ${reasonOf(error)}`)
  }
}

/** What an app gets at its first deploy. */
export type Setup = Readonly<{
  config: readonly Readonly<{ name: string; value: string }>[]
  /** Variables that the manifest demands and that are not set. */
  missing: readonly string[]
  addons: readonly Readonly<{ plan: string; as?: string | undefined }>[]
  buildpacks: readonly string[]
  formation: AppJson['formation']
  postdeploy: string | null
  /** What tests the app; null where the manifest does not say. */
  test: Readonly<{ setup: string | null; command: string | null }>
}>

export const NO_SETUP: Setup = {
  config: [],
  missing: [],
  addons: [],
  buildpacks: [],
  formation: {},
  postdeploy: null,
  test: { setup: null, command: null },
}

/** What of a manifest is still to be done: nothing that is set already is overwritten. */
export function planSetup(
  manifest: AppJson,
  present: Readonly<{ config: readonly string[]; buildpacks: readonly string[] }>,
  secret: () => string = () => randomBytes(32).toString('hex'),
): Setup {
  const unset = Object.entries(manifest.env).filter(([name]) => !present.config.includes(name))
  const config = unset.flatMap(([name, variable]) => {
    const generated = 'generator' in variable && variable.generator === 'secret'
    const value = variable.value ?? (generated ? secret() : undefined)
    return value === undefined ? [] : [{ name, value }]
  })
  const missing = unset
    .filter(([name, variable]) => {
      const optional = 'required' in variable && variable.required === false
      return !optional && !config.some((one) => one.name === name)
    })
    .map(([name]) => name)
  return {
    config,
    missing,
    addons: manifest.addons,
    buildpacks: present.buildpacks.length > 0 ? [] : manifest.buildpacks.map((one) => one.url),
    formation: manifest.formation,
    postdeploy: manifest.scripts.postdeploy ?? null,
    test: {
      setup: manifest.environments.test?.scripts['test-setup'] ?? null,
      command: manifest.environments.test?.scripts.test ?? null,
    },
  }
}

/** The manifest of an app that is only tested: what `environments.test` says goes first. */
export function manifestForTests(manifest: AppJson): AppJson {
  const { env, addons, buildpacks } = manifest.environments.test ?? {}
  return {
    ...manifest,
    env: { ...manifest.env, ...env },
    addons: addons ?? manifest.addons,
    buildpacks: buildpacks ?? manifest.buildpacks,
  }
}
