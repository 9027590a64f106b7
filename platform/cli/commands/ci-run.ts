import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { defineCommand, green, red } from '@hokku/kit/command-line'
import { callApi, type Api } from '../api-client.ts'
import { apiOf, runningInstallation } from '../installation.ts'
import { problem } from '../../store/index.ts'

/** The official `ci:run` asks a host of Heroku's that cannot be redirected. */
export const command = defineCommand({
  summary: 'Runs the tests of the checked-out commit in a temporary app.',
  details: 'The exit code is 1 if the tests fail. The app is destroyed after the run.',
  run: (_call, env: NodeJS.ProcessEnv) => testCommit(env),
})

async function testCommit(env: NodeJS.ProcessEnv): Promise<number> {
  const api = apiOf(runningInstallation(env), env)
  const commit = await git('rev-parse', 'HEAD')
  console.log('Preparing source... done')
  const name = `ci-${randomBytes(6).toString('hex')}`
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error('Interrupted.')))
  }
  await callApi(api, 'POST', '/apps', { name })
  try {
    const failure = await test(api, name, commit, interrupted.signal)
    if (failure === null) console.log(`${green('✓')} Test run of ${commit.slice(0, 7)} succeeded`)
    else console.log(`${red('✗')} Test run of ${commit.slice(0, 7)} failed: ${failure}`)
    return failure === null ? 0 : 1
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    console.error('Interrupted.')
    return 1
  } finally {
    await callApi(api, 'DELETE', `/apps/${name}`)
  }
}

/** @returns why the tests failed; null if they did not */
async function test(
  api: Api,
  name: string,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> {
  const source = await callApi<Source>(api, 'POST', '/sources')
  await upload(source.source_blob.put_url, signal)
  console.log('Uploading source... done')
  const started = await callApi<Build>(api, 'POST', `/apps/${name}/builds`, {
    source_blob: { url: source.source_blob.get_url, version: commit },
    test: true,
  })
  const output = await fetch(started.output_stream_url, { signal })
  for await (const bytes of output.body ?? []) process.stdout.write(bytes)
  for (;;) {
    const build = await callApi<Build>(api, 'GET', `/apps/${name}/builds/${started.id}`)
    if (build.status !== 'pending') return build.failure
    await wait(POLL_MS, undefined, { signal })
  }
}

type Source = { source_blob: { get_url: string; put_url: string } }
type Build = {
  id: string
  status: 'pending' | 'succeeded' | 'failed'
  failure: string | null
  output_stream_url: string
}

/** The output ends a moment before the build's record. */
const POLL_MS = 200

/** Sends what is committed; changes in the working tree stay out. */
async function upload(url: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hokku-ci-'))
  try {
    const file = join(folder, 'source.tgz')
    const top = await git('rev-parse', '--show-toplevel')
    await git('-C', top, 'archive', '--format=tar.gz', `--output=${file}`, 'HEAD')
    const sent = await fetch(url, { method: 'PUT', body: await openAsBlob(file), signal })
    if (!sent.ok)
      throw problem('api_failed', `The source could not be uploaded: ${await sent.text()}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @throws Problem `git_failed` with what git said */
async function git(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('git', args)).stdout.trim()
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() ?? String(error)
    throw problem('git_failed', said, {
      hint: 'Run hokku ci:run in a git repository with a commit.',
    })
  }
}
