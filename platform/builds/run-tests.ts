import { problem } from '../store/index.ts'
import { compileSource, configOf, inTree, type BuildEffects, type BuildTask } from './build-run.ts'
import { runProgram, seen, type BuildRun } from './compile/programs.ts'
import { SEEN } from './compile/workspace.ts'
import { lineByLine } from './push-text.ts'

/**
 * Tests an app as Heroku CI does: compiles it with `bin/test-compile` where the buildpack has one,
 * then runs the commands of `environments.test.scripts` in app.json, else the buildpack's
 * `bin/test`, with the app's config vars and `CI=true`. Nothing is packed or released.
 *
 * @throws Problem `build_rejected` that names the command that failed
 */
export const runTests = (task: BuildTask, effects: BuildEffects): Promise<void> =>
  inTree(task, effects, async (building) => {
    const { compiled, setup, run } = await compileSource(building, effects)
    const env = configOf(task.request, effects)
    const folders = [SEEN.tree, SEEN.env].map((path) => seen(run, path))
    const ownTest = compiled.tester === null ? null : [compiled.tester, ...folders]
    const test = setup.test.command === null ? ownTest : ['bash', '-c', setup.test.command]
    if (test === null) throw nothingToRun(compiled.title)
    const { setup: prepare, command } = setup.test
    if (prepare !== null) {
      await runStep(run, 'test-setup', prepare, ['bash', '-c', prepare], env)
    }
    await runStep(run, 'test', command ?? `bin/test of ${compiled.title}`, test, env)
    return { result: undefined, tree: 'temporary' }
  })

/** Runs a command as a dyno would, and shows what it prints as it is. */
async function runStep(
  run: BuildRun,
  step: string,
  shown: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { text } = run
  text.topic(`Running ${step} command \`${shown}\`...`)
  const output = lineByLine((line) => text.line(line))
  const code = await runProgram(run, {
    title: `the ${step} command`,
    command: ['bash', '-c', BOOT, 'bash', ...command],
    env,
    onOutput: output.write,
  })
  output.end()
  if (code !== 0) {
    const how = code === null ? 'was ended by a signal' : `failed with exit status ${code}`
    throw problem('build_rejected', `${step} command \`${shown}\` ${how}`)
  }
  text.topic(`${step} command \`${shown}\` completed successfully`)
}

/** Reads what buildpacks prepared for dynos, then becomes the command. */
const BOOT =
  'for __hokku in "$HOME"/.profile.d/*.sh; do [ -r "$__hokku" ] && . "$__hokku"; done; unset __hokku; exec "$@"'

const nothingToRun = (title: string) =>
  problem('build_rejected', `There are no tests to run: the ${title} buildpack has no bin/test.`, {
    hint: 'Name a command in app.json: {"environments": {"test": {"scripts": {"test": "npm test"}}}}',
  })
