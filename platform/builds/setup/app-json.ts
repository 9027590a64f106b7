import { randomBytes } from 'node:crypto'
import { reasonOf } from '@hokku/kit/problem'
import * as z from 'zod'
import { problem } from '../../store/index.ts'

const Variable = z.union([
  z.string().transform((value) => ({ value })),
  z.object({
    value: z.coerce.string().optional(),
    required: z.boolean().optional(),
    generator: z.string().optional(),
  }),
])

const Addon = z.union([
  z.string().transform((plan) => ({ plan })),
  z.object({ plan: z.string(), as: z.string().optional() }),
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

/**
 * Reads an app's manifest.
 *
 * @throws Problem `build_rejected` that names what is wrong
 * @see https://devcenter.heroku.com/articles/app-json-schema
 */
export function parseAppJson(text: string): AppJson {
  const result = AppJson.safeParse(parseJson(text))
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw problem('build_rejected', `app.json is not valid: ${wrong.join('; ')}`)
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
