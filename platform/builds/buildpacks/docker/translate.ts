import { posix } from 'node:path'
import { declined, execForm, type Instruction } from './instructions.ts'
import { runSteps, type RunStep } from './run-steps.ts'

/** Files that the image has at another place: a file goes into a target that is a folder. */
export type Copy = Readonly<{ from: string; to: string; isFolder: boolean }>

/** What a Dockerfile comes to in a build with buildpacks. */
export type Translation = Readonly<{
  language: 'python' | 'node'
  /** As in the tag of the image, e.g. `3.12`; null for the newest. */
  version: string | null
  copies: readonly Copy[]
  variables: Readonly<Record<string, string>>
  steps: readonly RunStep[]
  /** The command of ENTRYPOINT and CMD; null without one. */
  command: string | null
  /** Each instruction with what becomes of it, for the push. */
  lines: readonly string[]
}>

/** What has been read so far. */
type Draft = {
  image: Pick<Translation, 'language' | 'version'> | undefined
  base: string | undefined
  folder: string
  copies: Copy[]
  variables: Record<string, string>
  steps: RunStep[]
  entrypoint: Instruction | undefined
  cmd: Instruction | undefined
  ports: Set<string>
  lines: string[]
}

/** @throws Rejected for the first step that has no counterpart, with its line */
export function translate(instructions: readonly Instruction[]): Translation | undefined {
  const draft: Draft = {
    image: undefined,
    base: undefined,
    folder: '/',
    copies: [],
    variables: {},
    steps: [],
    entrypoint: undefined,
    cmd: undefined,
    ports: new Set(),
    lines: [],
  }
  for (const one of instructions) {
    const becomes = take(one, draft)
    draft.lines.push(`${one.name} ${one.text.slice(0, 60)}: ${becomes}`)
  }
  if (draft.image === undefined) return undefined
  const { copies, variables, steps, lines } = draft
  return { ...draft.image, copies, variables, steps, lines, command: commandOf(draft) }
}

/** Takes one instruction over. @returns what becomes of it */
function take(one: Instruction, draft: Draft): string {
  switch (one.name) {
    case 'FROM':
      return takeImage(one, draft)
    case 'WORKDIR':
      draft.folder = posix.resolve(draft.folder, one.text)
      draft.base ??= draft.folder
      return 'the app lies at /app'
    case 'COPY':
    case 'ADD':
      return takeCopy(one, draft)
    case 'RUN':
      return takeRun(one, draft)
    case 'ENV':
      return takeVariables(one, draft)
    case 'EXPOSE':
      for (const port of one.text.match(/\d+/g) ?? []) draft.ports.add(port)
      return 'the port of a dyno is $PORT'
    case 'ENTRYPOINT':
      draft.entrypoint = one
      return 'the web process'
    case 'CMD':
      draft.cmd = one
      return 'the web process'
    case 'USER':
      return 'each app has its own user'
    case 'HEALTHCHECK':
    case 'STOPSIGNAL':
      return 'not used: a web dyno is up when it listens'
    case 'LABEL':
    case 'MAINTAINER':
      return 'not used'
    default:
      throw declined(one)
  }
}

function takeImage(one: Instruction, draft: Draft): string {
  if (draft.image !== undefined) throw declined(one, 'a second image')
  const [, name, tag = 'latest'] =
    /^(?:--platform=\S+ )?(?:docker\.io\/)?(?:library\/)?(python|node)(?::([\w.-]+))?(?: as \w+)?$/i.exec(
      one.text,
    ) ?? []
  if (name === undefined) throw declined(one, 'this image')
  const version = /^(\d+(?:\.\d+){0,2})(?:-|$)/.exec(tag)?.[1] ?? null
  const language = name === 'node' ? 'node' : 'python'
  draft.image = { language, version: language === 'python' && version === '3' ? null : version }
  return `${language === 'node' ? 'Node' : 'Python'} ${draft.image.version ?? 'as this machine has it'}`
}

function takeCopy(one: Instruction, draft: Draft): string {
  const text = one.text.replaceAll(/--(?:chown|chmod|link)\S*\s*/g, '')
  const words = execForm(text) ?? text.split(/\s+/)
  const target = words.at(-1) ?? ''
  const sources = words.slice(0, -1)
  if (sources.length === 0 || words.some((word) => /^--|^https?:/.test(word))) throw declined(one)
  const at = posix.resolve(draft.folder, target)
  if (draft.base === undefined && sources.includes('.')) draft.base = at
  const to = posix.relative(draft.base ?? '/', at)
  const isOutside = draft.base === undefined ? to.includes('/') : to.startsWith('..')
  if (
    isOutside ||
    (draft.base === undefined && to !== '' && to !== posix.basename(sources[0] ?? ''))
  ) {
    throw declined(one, 'a file outside the folder of the app')
  }
  for (const source of sources) {
    const from = posix.normalize(source.replace(/^\//, '')).replace(/(.)\/$/, '$1')
    if (from.startsWith('..')) throw declined(one)
    if (/[*?[]/.test(from)) {
      // A pattern of files that stay where they are.
      if (to === posix.dirname(from).replace(/^\.$/, '')) continue
      throw declined(one, 'a pattern with another target')
    }
    const isFolder = target.endsWith('/') || to === '' || sources.length > 1
    const place = to === '' ? '.' : to
    if (from !== place) draft.copies.push({ from, to: place, isFolder })
  }
  return 'the files are in the build'
}

function takeRun(one: Instruction, draft: Draft): string {
  const words = execForm(one.text)
  const steps = runSteps(words === undefined ? one : { ...one, text: words.join(' ') })
  draft.steps.push(...steps)
  const texts = steps.map((step) => {
    switch (step.do) {
      case 'nothing':
      case 'export':
        return step.why
      case 'require':
        return `requirements: ${step.lines.join(', ')}`
      case 'apt':
        return `Aptfile: ${step.packages.join(', ')}`
      case 'run':
        return 'runs after the packages are installed'
      case 'script':
        return `the script ${step.name} of package.json`
    }
  })
  return [...new Set(texts)].join('; ')
}

function takeVariables(one: Instruction, draft: Draft): string {
  const pairs = /^[\w]+=/.test(one.text)
    ? [...one.text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll(/^["']|["']$/g, '')] as const,
      )
    : [/^(\w+)\s+(.*)$/.exec(one.text)?.slice(1) ?? []].map(
        ([name = '', value = '']) => [name, value] as const,
      )
  for (const [name, value] of pairs) {
    if (name === 'PORT') draft.ports.add(value)
    else if (!/^(?:PATH|HOME)$/.test(name)) draft.variables[name] = inApp(value, draft)
  }
  return 'config vars of that name win'
}

/** Paths below the folder of the image are relative to that of the app. */
const inApp = (text: string, { base }: Draft): string =>
  base === undefined || base === '/' ? text : text.replaceAll(`${base}/`, '').replaceAll(base, '.')

function commandOf(draft: Draft): string | null {
  const parts = [draft.entrypoint, draft.cmd].flatMap((one) =>
    one === undefined || one.text === '' ? [] : [shellText(one, draft)],
  )
  if (parts.length === 0) return null
  const folder = posix.relative(draft.base ?? '/', draft.folder)
  const command = parts.join(' ')
  return folder === '' || folder.startsWith('..') ? command : `cd ${folder} && ${command}`
}

function shellText(one: Instruction, draft: Draft): string {
  const words = execForm(one.text)
  const text = words === undefined ? one.text : words.map((word) => quoted(word)).join(' ')
  const moved = inApp(text, draft)
  return [...draft.ports].reduce(
    (command, port) => command.replaceAll(new RegExp(`(?<![\\d.])${port}(?!\\d)`, 'g'), '$PORT'),
    moved,
  )
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./$-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
