import type { Sandbox } from '../../sandbox/index.ts'
import type { Home } from '../../store/index.ts'
import type { PushText } from '../push-text.ts'
import { runSandboxed } from '../../sandbox/index.ts'
import { SEEN, type Workspace } from './workspace.ts'

/** Everything that running a buildpack's programs takes. */
export type BuildRun = Readonly<{
  appId: string
  workspace: Workspace
  environment: Readonly<Record<string, string>>
  text: PushText
  sandbox: Sandbox
  signal: AbortSignal
  /** Notes what is running now: a build that hangs can name it, a successor can end it. */
  running: (what: string, processGroup: number | null) => void
}>

export type ProgramRequest = Readonly<{
  /** What is running, as a user may read it, e.g. `bin/compile of Node.js`. */
  title: string
  command: readonly string[]
  /** Working directory as the program sees it; the app's tree unless it is given. */
  cwd?: string
  env?: Readonly<Record<string, string>>
  onOutput: (bytes: Uint8Array) => void
}>

/** Runs a program in the build's sandbox. @returns its exit code; null when it was ended */
export async function runProgram(run: BuildRun, request: ProgramRequest): Promise<number | null> {
  const { sandbox, workspace } = run
  run.running(request.title, null)
  return runSandboxed(
    {
      appId: run.appId,
      mounts: workspace.mounts,
      cwd: request.cwd ?? SEEN.tree,
      env: { ...run.environment, ...request.env },
      command: request.command,
      hostname: run.environment['DYNO'] ?? 'build',
    },
    {
      sandbox,
      signal: run.signal,
      onOutput: request.onOutput,
      onStart: (pid) => run.running(request.title, pid),
    },
  )
}

/** Runs a program and returns what it printed on either output, up to a limit. */
export async function captureProgram(
  run: BuildRun,
  request: Omit<ProgramRequest, 'onOutput'>,
): Promise<{ code: number | null; output: string }> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const code = await runProgram(run, {
    ...request,
    onOutput: (chunk) => {
      bytes += chunk.length
      if (bytes <= CAPTURED_BYTES_MAX) chunks.push(chunk)
    },
  })
  return { code, output: Buffer.concat(chunks).toString('utf8') }
}

/** `bin/detect` prints a name, `bin/release` a page of YAML. */
const CAPTURED_BYTES_MAX = 256 * 1024

/** Where a program of this build sees one of its folders. */
export const seen = (run: Pick<BuildRun, 'sandbox' | 'workspace'>, path: string): string =>
  run.sandbox.inside(run.workspace.mounts, path)

/** The same for a folder below the platform's runtimes. */
export const seenRuntime = (
  run: Pick<BuildRun, 'sandbox' | 'workspace'>,
  home: Pick<Home, 'runtime'>,
  folder: string,
): string => seen(run, SEEN.runtime + folder.slice(home.runtime.length))
