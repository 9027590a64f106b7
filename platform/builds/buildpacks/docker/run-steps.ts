import { declined, type Instruction } from './instructions.ts'

/** What one command of RUN comes to in a build with buildpacks. */
export type RunStep =
  | Readonly<{ do: 'nothing'; why: string }>
  /** Lines of requirements.txt. */
  | Readonly<{ do: 'require'; lines: readonly string[] }>
  /** Lines of Aptfile. */
  | Readonly<{ do: 'apt'; packages: readonly string[] }>
  /** A command that runs after the packages are there. */
  | Readonly<{ do: 'run'; command: string }>
  | Readonly<{ do: 'script'; name: string }>
  | Readonly<{ do: 'export'; name: string; value: string; why: string }>

/** @throws Rejected that names the line, for a command that has no counterpart */
export function runSteps(instruction: Instruction): RunStep[] {
  const text = instruction.text.replaceAll(/--mount=\S+\s*/g, '').trim()
  const commands = text.split(/\s*(?:&&|;)\s*/).filter((command) => command !== '')
  return commands.flatMap((command) => {
    const words = command.split(/\s+/).filter((word) => word !== '')
    const rule = RULES.find(({ pattern }) => pattern.test(command))
    const steps = rule?.steps(words, command)
    if (steps === undefined) throw declined({ ...instruction, text: command }, 'this command')
    return steps
  })
}

type Rule = Readonly<{
  pattern: RegExp
  steps: (words: readonly string[], command: string) => RunStep[] | undefined
}>

const nothing = (why: string): RunStep[] => [{ do: 'nothing', why }]

const RULES: readonly Rule[] = [
  {
    pattern: /^(?:sudo )?apt(?:-get)? (?:-\S+ )*install\b/,
    steps: (words) => {
      const packages = words
        .slice(words.indexOf('install') + 1)
        .filter((word) => !word.startsWith('-'))
      return [{ do: 'apt', packages: packages.map((name) => name.replace(/=.*$/, '')) }]
    },
  },
  {
    pattern: /^(?:sudo )?apt(?:-get)? (?:-\S+ )*(?:update|clean|autoclean|autoremove|upgrade)\b/,
    steps: () => nothing('packages come from the newest lists'),
  },
  { pattern: /^rm -rf? [\w./ *~-]+$/, steps: () => nothing('builds leave no lists behind') },
  {
    pattern: /^(?:python3? -m |uv )?pip3? install\b/,
    steps: (words) => pipSteps(words.slice(words.indexOf('install') + 1)),
  },
  {
    pattern: /^(?:uv sync|poetry install|pipenv install|poetry config)\b/,
    steps: () => nothing('the buildpack installs what the lock file lists'),
  },
  {
    pattern: /^npm (?:install|i|ci)\b/,
    steps: (words) => npmSteps(words.slice(2)),
  },
  {
    pattern: /^(?:yarn(?: install)?|pnpm (?:install|i)|bun install)(?: --?[\w=-]+)*$/,
    steps: () => nothing('the buildpack installs what the lock file lists'),
  },
  {
    pattern: /^corepack \w+/,
    steps: () => nothing('the lock file decides on the package manager'),
  },
  {
    pattern: /^(?:npm run|yarn(?: run)?|pnpm(?: run)?|bun run) [\w:-]+$/,
    steps: (words) => [{ do: 'script', name: words.at(-1) ?? '' }],
  },
  {
    pattern: /^(?:npm|yarn|pip) cache \w+/,
    steps: () => nothing('caches are not part of the slug'),
  },
  {
    pattern: /^(?:useradd|adduser|groupadd|addgroup|chown)\b/,
    steps: () => nothing('each app has its own user'),
  },
  {
    pattern: /^(?:python3?|mkdir -p|mkdir|chmod|touch) /,
    steps: (_words, command) => [{ do: 'run', command }],
  },
]

/** Options of pip that change nothing here. */
const PIP_FLAGS =
  /^(?:--no-cache-dir|--no-cache|--upgrade|-U|--quiet|-q|--user|--system|--prefer-binary|--no-input|--disable-pip-version-check|--root-user-action=\w+|--(?:default-)?timeout=\d+|--compile|--no-warn-script-location)$/

function pipSteps(words: readonly string[]): RunStep[] | undefined {
  const lines: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').replaceAll(/^["']|["']$/g, '')
    if (PIP_FLAGS.test(word)) continue
    if (/^(?:--timeout|--default-timeout|--trusted-host)$/.test(word)) at++
    else if (/^(?:-r|--requirement)$/.test(word)) lines.push(`-r ${words[++at] ?? ''}`)
    else if (/^(?:-e|--editable)$/.test(word)) lines.push(`-e ${words[++at] ?? ''}`)
    else if (/^--(?:extra-)?index-url$|^--find-links$|^-f$/.test(word)) {
      lines.push(`${word} ${words[++at] ?? ''}`)
    } else if (word.startsWith('-')) return undefined
    else if (!/^(?:pip|setuptools|wheel|uv|poetry|pipenv)(?:[=<>!~].*)?$/.test(word)) {
      lines.push(word)
    }
  }
  return lines.length === 0 ? nothing('the buildpack brings its tools') : [{ do: 'require', lines }]
}

function npmSteps(words: readonly string[]): RunStep[] | undefined {
  const isGlobal = words.some((word) => word === '-g' || word === '--global')
  const names = words.filter((word) => !word.startsWith('-'))
  if (isGlobal) {
    const known = names.every((name) => /^(?:npm|yarn|pnpm)(?:@[\w.]+)?$/.test(name))
    return known ? nothing('the lock file decides on the package manager') : undefined
  }
  if (names.length > 0) return undefined
  const why = 'the buildpack installs what package.json lists'
  const flags = words.filter((word) => word === '--legacy-peer-deps' || word === '--force')
  return [
    { do: 'nothing', why },
    ...flags.map((flag) => ({
      do: 'export' as const,
      name: `npm_config_${flag.slice(2).replaceAll('-', '_')}`,
      value: 'true',
      why: `npm runs with ${flag}`,
    })),
  ]
}
