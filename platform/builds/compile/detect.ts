import { problem, type Home } from '../../store/index.ts'
import type { InstalledBuiltIn } from '../runtime/installed-buildpacks.ts'
import { captureProgram, seen, seenRuntime, type BuildRun } from './programs.ts'
import { SEEN } from './workspace.ts'

/** Asks the built-in buildpacks, in their order, who knows this app; the first one gets it. */
export async function detectAny(
  run: BuildRun,
  installed: readonly InstalledBuiltIn[],
  home: Pick<Home, 'runtime'>,
): Promise<{ buildpack: InstalledBuiltIn; title: string }> {
  const folders = installed.map((one) => seenRuntime(run, home, one.folder))
  const { code, output } = await captureProgram(run, {
    title: 'bin/detect of the built-in buildpacks',
    command: ['sh', '-c', ASK, 'sh', seen(run, SEEN.tree), ...folders],
  })
  const [folder = '', title = ''] = output.trim().split('\n')
  const buildpack = installed[folders.indexOf(folder)]
  if (code === 0 && buildpack !== undefined) return { buildpack, title: title.trim() }
  if (code !== NONE_DETECTED) throw new Error(`bin/detect could not be run (${code}): ${output}`)
  throw problem('build_rejected', 'No default language could be detected for this app.', {
    hint: [
      'HINT: This occurs when hokku cannot detect the buildpack to use for this application automatically.',
      'Add a Procfile, package.json, requirements.txt or index.html, or name one: heroku buildpacks:set heroku/nodejs',
    ].join('\n'),
  })
}

/** One process asks them all: a sandbox for each would cost more than the questions. */
const ASK = `tree=$1; shift
for folder do
  if title=$("$folder/bin/detect" "$tree" 2>/dev/null); then printf '%s\\n%s\\n' "$folder" "$title"; exit 0; fi
done; exit 9`

/** What `ASK` ends with when no buildpack knows the app. */
const NONE_DETECTED = 9

/** Asks one buildpack that was chosen for the app. @returns what it calls the app */
export async function detectWith(run: BuildRun, folder: string, name: string): Promise<string> {
  const { code, output } = await captureProgram(run, {
    title: `bin/detect of ${name}`,
    command: [`${folder}/bin/detect`, seen(run, SEEN.tree)],
    env: { HOKKU_BUILDPACK_SET: '1' },
  })
  if (code === 0) return output.trim().split('\n')[0]?.trim() ?? name
  throw problem('build_rejected', `App not compatible with buildpack: ${name}`, {
    hint: 'Choose another one with: heroku buildpacks:set, or none with: heroku buildpacks:clear',
  })
}
