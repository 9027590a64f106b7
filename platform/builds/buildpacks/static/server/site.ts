/** A static site's settings, as `static.json` gives them. */
export type Site = Readonly<{
  /** Folder that is served, relative to the app. */
  root: string
  /** `/about` serves `/about.html`. */
  cleanUrls: boolean
  httpsOnly: boolean
  errorPage: string | null
  /** The first pattern that fits a path without a file names the file to serve. */
  routes: readonly Rule<string>[]
  redirects: readonly Rule<Readonly<{ url: string; status: number }>>[]
  headers: readonly Rule<Readonly<Record<string, string>>>[]
}>

export type Rule<T> = Readonly<{ pattern: RegExp; value: T }>

export type ParsedSite = Readonly<{
  site: Site
  /** Settings that we do not know. */
  ignored: readonly string[]
  /** What makes the file unusable; null if it can be used. */
  wrong: string | null
}>

const DEFAULT: Site = {
  root: '.',
  cleanUrls: false,
  httpsOnly: false,
  errorPage: null,
  routes: [],
  redirects: [],
  headers: [],
}

const KNOWN = ['root', 'clean_urls', 'https_only', 'error_page', 'routes', 'redirects', 'headers']

/**
 * Reads `static.json`. Without one the whole repository is the site; with one that names no root
 * it is `public_html/`.
 *
 * @see https://github.com/heroku/heroku-buildpack-static
 */
export function parseSite(text: string | undefined): ParsedSite {
  if (text === undefined) return { site: DEFAULT, ignored: [], wrong: null }
  const json = parseJson(text)
  if (json === undefined) return unusable('static.json is not valid JSON')
  const root = typeof json['root'] === 'string' ? normal(json['root']) : 'public_html'
  if (root === undefined) return unusable('static.json: "root" leads out of the app')
  const site: Site = {
    root,
    cleanUrls: json['clean_urls'] === true,
    httpsOnly: json['https_only'] === true,
    errorPage: typeof json['error_page'] === 'string' ? json['error_page'] : null,
    routes: rules(json['routes'], (value) => (typeof value === 'string' ? value : undefined)),
    redirects: rules(json['redirects'], redirectOf),
    headers: rules(json['headers'], headersOf),
  }
  return { site, ignored: Object.keys(json).filter((key) => !KNOWN.includes(key)), wrong: null }
}

const unusable = (wrong: string): ParsedSite => ({ site: DEFAULT, ignored: [], wrong })

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function normal(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) return undefined
  return parts.length === 0 ? '.' : parts.join('/')
}

function rules<T>(value: unknown, read: (value: unknown) => T | undefined): Rule<T>[] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([glob, one]) => {
    const found = read(one)
    return found === undefined ? [] : [{ pattern: globPattern(glob), value: found }]
  })
}

/** `**` stands for anything, `*` for anything but a slash. */
export function globPattern(glob: string): RegExp {
  const parts = glob.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`)
}

function redirectOf(value: unknown): { url: string; status: number } | undefined {
  if (!isObject(value) || typeof value['url'] !== 'string') return undefined
  const status = Number(value['status'] ?? 301)
  return { url: value['url'], status: status >= 300 && status < 400 ? status : 301 }
}

function headersOf(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).map(
    ([name, one]) => [name.toLowerCase(), String(one)] as const,
  )
  return Object.fromEntries(entries.filter(([name]) => /^[\w-]+$/.test(name)))
}
