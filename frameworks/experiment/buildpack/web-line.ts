/** What becomes of the command of `web` when a study is built. */
export type WebLine =
  | Readonly<{ do: 'keep' }>
  | Readonly<{ do: 'replace'; reason: string }>
  | Readonly<{ do: 'refuse'; reason: string }>

/**
 * Decides by what a command starts, not by how it is spelled. A command that starts the original's server
 * starts ours in its place; another Python program is not the study's server, and cannot be.
 *
 * @param readFile text of a file of the app; undefined if there is none
 */
export function decideWeb(
  command: string,
  readFile: (path: string) => string | undefined,
): WebLine {
  const steps = stepsOf(command, readFile)
  const servers = steps.filter(startsServer)
  if (servers.length === 0) return { do: 'keep' }
  const foreign = servers.filter((step) => !isOriginal(step, readFile))
  const others = steps.filter((step) => !startsServer(step) && !SETTINGS.test(step))
  if (foreign.length === 0 && others.length === 0) {
    return { do: 'replace', reason: `"${command}" starts the server of psiTurk in Python` }
  }
  const [first = ''] = foreign.length > 0 ? foreign : others
  return {
    do: 'refuse',
    reason:
      foreign.length > 0
        ? `"${first}" starts a Python program, which cannot serve the study here`
        : `"${command}" starts the server of psiTurk in Python, and does more: "${first}"`,
  }
}

/** The simple commands of a line, and those of the shell scripts that it runs. */
function stepsOf(
  text: string,
  readFile: (path: string) => string | undefined,
  depth = 0,
): string[] {
  return text
    .split(/&&|\|\||[;|&\n]/)
    .map((step) => step.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((step) => step !== '')
    .flatMap((step) => {
      const inner = /^(?:exec\s+)?(?:ba|da)?sh\s+-\w*c\s+(['"])(.*)\1$/.exec(step)?.[2]
      if (inner !== undefined && depth < DEPTH_MAX) return stepsOf(inner, readFile, depth + 1)
      const script = scriptOf(step)
      const content = script === undefined ? undefined : readFile(script)
      if (content === undefined || depth >= DEPTH_MAX) return [step]
      return stepsOf(content, readFile, depth + 1)
    })
}

/** Scripts that run scripts that run scripts. */
const DEPTH_MAX = 3

/** `bash start.sh`, `./start.sh`, `sh bin/start`: not Python files. */
function scriptOf(step: string): string | undefined {
  const words = programWords(step)
  const [program = '', argument = ''] = words
  const path = /^(?:ba|da|z)?sh$/.test(program) ? argument : program
  return path.endsWith('.py') || path.startsWith('-') || path === '' ? undefined : path
}

/** A step without `exec`, settings in front of it, and programs that start others. */
const programWords = (step: string): string[] =>
  step.split(/\s+/).slice(
    Math.max(
      0,
      step.split(/\s+/).findIndex((word) => !IN_FRONT.test(word)),
    ),
  )

const IN_FRONT =
  /^(?:exec|env|nohup|time|nice|sudo|command|bin\/start-\w+|newrelic-admin|run-program|pipenv|poetry|uv|run|[A-Za-z_]\w*=\S*)$/

const PYTHON =
  /(?:^|\/)(?:python[\d.]*|pypy3?|gunicorn|uwsgi|waitress-serve|uvicorn|hypercorn|flask|ipython)$/

/** The original's server that leaves the foreground would end the dyno. */
const startsServer = (step: string): boolean => {
  const words = programWords(step)
  const [program = ''] = words
  return (
    PYTHON.test(program) ||
    program.endsWith('.py') ||
    /^psiturk(?:-shell)?\b.*\bserver\s+(?:on|launch|start)\b/.test(words.join(' '))
  )
}

/** It says so itself, or the file does that it runs. */
function isOriginal(step: string, readFile: (path: string) => string | undefined): boolean {
  if (/psiturk|herokuapp/i.test(step)) return true
  const file = step.split(/\s+/).find((word) => word.endsWith('.py'))
  const module = /(?:^|\s)([\w./]+):\w+/.exec(step)?.[1]?.replaceAll('.', '/')
  const text = [file, module === undefined ? undefined : `${module}.py`]
    .map((path) => (path === undefined ? undefined : readFile(path)))
    .find((found) => found !== undefined)
  return text !== undefined && /\bpsiturk\b/i.test(text)
}

/** What only prepares the shell: left out without a loss, since the server needs none of it. */
const SETTINGS = /^(?:export\s|set\s|cd\s|source\s|\.\s|unset\s|[A-Za-z_]\w*=\S*$|true$|:$)/
