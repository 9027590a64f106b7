import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { ParticipantError } from './error-pages.ts'
import { adaptJinja } from './jinja-source.ts'
import { createRenderer, type Renderer } from './jinja.ts'
import { insertMode } from './mode-insertion.ts'

export type Templates = Readonly<{
  /** @throws ParticipantError `insert_mode_failed`, or an Error that names template and line */
  render: (name: string, variables: Readonly<Record<string, unknown>>) => string
  /** Renders the page that we bring under a name, even where the study has one. */
  renderOurs: (name: string, variables: Readonly<Record<string, unknown>>) => string
  has: (name: string) => boolean
  /** Whether the study itself has a page of this name. */
  hasOwn: (name: string) => boolean
}>

/**
 * The pages of a study: its own `templates/`, and ours where it lacks one that the flow needs.
 *
 * @param watch look for changed files, at most every second; off where files cannot change
 */
export function createTemplates(
  directory: string,
  globals: Readonly<Record<string, unknown>>,
  options: Readonly<{ watch: boolean }>,
): Templates {
  const own = join(directory, 'templates')
  const open = (): Renderer => createRenderer((name) => readTemplate(own, name), globals)
  const ours = createRenderer((name) => readTemplate(FALLBACK, name), globals)
  let renderer = open()
  let fingerprint = options.watch ? fingerprintOf(own) : ''
  let checkedAt = performance.now()

  const refresh = (): void => {
    if (!options.watch || performance.now() - checkedAt < CHECK_INTERVAL_MS) return
    checkedAt = performance.now()
    const now = fingerprintOf(own)
    if (now === fingerprint) return
    fingerprint = now
    renderer = open()
  }
  return {
    render: (name, variables) => {
      refresh()
      try {
        return renderer.render(name, variables)
      } catch (error) {
        // nunjucks wraps what a loader throws.
        if (error instanceof Error && error.message.includes(NO_MODE)) {
          throw new ParticipantError('insert_mode_failed', { cause: error })
        }
        throw error
      }
    },
    renderOurs: (name, variables) => ours.render(name, variables),
    hasOwn: (name) => readIfThere(join(own, name)) !== undefined,
    has: (name) => locate(own, name) !== undefined,
  }
}

/** How long a changed template may take to show. */
const CHECK_INTERVAL_MS = 1000

const FALLBACK = join(import.meta.dirname, 'fallback')

/** Pages that lead on to the next one and must hand the mode over. */
const LINKING_PAGES: readonly string[] = ['ad.html', 'consent.html']

const NO_MODE = 'has no link with workerId={{ workerid }}'

/** Pages without which a study cannot run; those we bring ourselves are only warned about. */
export function missingPages(directory: string): { fatal: string[]; replaced: string[] } {
  const own = join(directory, 'templates')
  const missing = (name: string): boolean => readIfThere(join(own, name)) === undefined
  // A study that is one page of its own needs none.
  if (missing('exp.html') && readIfThere(join(directory, 'index.html')) !== undefined)
    return { fatal: [], replaced: [] }
  return {
    fatal: ['ad.html', 'consent.html', 'exp.html'].filter(missing),
    replaced: [
      'thanks-mturksubmit.html',
      'closepopup.html',
      'complete.html',
      'error.html',
      'default.html',
    ].filter(missing),
  }
}

function readTemplate(own: string, name: string): string | undefined {
  const source = locate(own, name)
  if (source === undefined) return undefined
  if (!LINKING_PAGES.includes(name)) return adaptJinja(source)
  const linked = insertMode(source)
  if (linked === undefined) throw new Error(`${name} ${NO_MODE}`)
  return adaptJinja(linked)
}

function locate(own: string, name: string): string | undefined {
  const path = normalize(name)
  if (path.startsWith('..') || path.startsWith(sep)) return undefined
  return readIfThere(join(own, path)) ?? readIfThere(join(FALLBACK, path))
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function fingerprintOf(directory: string): string {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`)
      .join('\n')
  } catch {
    return ''
  }
}
