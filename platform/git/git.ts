import { spawn, type ChildProcess } from 'node:child_process'

/**
 * What our own `git` processes see: nothing of the machine's or a user's configuration, and no
 * way to ask for a password.
 */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: SYSTEM_PATH,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    ...extra,
  }
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

export type Finished = Readonly<{ code: number | null; stdout: string; stderr: string }>

/** Runs git to its end; for commands that print little. */
export async function runGit(
  args: readonly string[],
  options: {
    env?: Readonly<Record<string, string>>
    signal?: AbortSignal
    cwd?: string
    /** What git reads from its standard input. */
    input?: string
  } = {},
): Promise<Finished> {
  const child = spawn('git', args, {
    env: gitEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: 'SIGKILL' }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    exitOf(child),
  ])
  return { code, stdout, stderr }
}

/** As `runGit`, for commands that may not fail. @throws Error with what git said */
export async function git(...parameters: Parameters<typeof runGit>): Promise<string> {
  const { code, stdout, stderr } = await runGit(...parameters)
  if (code !== 0) throw new Error(`git ${parameters[0].join(' ')} failed: ${stderr.trim()}`)
  return stdout
}

/** Exit code of a process; null when a signal ended it. Rejects when it cannot start. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code))
  })
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes <= OUTPUT_BYTES_MAX) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What git may print where we read it whole, e.g. the refs of a repository. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024
