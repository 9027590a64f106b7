/** A package that a lock file names. */
export type Locked = Readonly<{ name: string; version: string }>

export type LockFile = Readonly<{
  packages: readonly Locked[]
  /** Names of packages that are not on CRAN, with where they come from. */
  foreign: readonly string[]
}>

/** Reads the packages of `renv.lock`. @throws SyntaxError for what is not JSON */
export function parseRenv(text: string): LockFile {
  const json: unknown = JSON.parse(text)
  const records =
    isRecord(json) && isRecord(json['Packages']) ? Object.values(json['Packages']) : []
  return sorted(
    records.filter(isRecord).map((one) => ({
      name: textOf(one['Package']),
      version: textOf(one['Version']),
      source: textOf(one['Source'], 'Repository'),
    })),
  )
}

/** Reads the packages of `packrat.lock`, which has a paragraph for each. */
export function parsePackrat(text: string): LockFile {
  const field = (paragraph: string, name: string): string =>
    new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1]?.trim() ?? ''
  const paragraphs = text.replaceAll('\r\n', '\n').split(/\n\s*\n/)
  return sorted(
    paragraphs
      .filter((paragraph) => field(paragraph, 'Package') !== '')
      .map((paragraph) => ({
        name: field(paragraph, 'Package'),
        version: field(paragraph, 'Version'),
        source: field(paragraph, 'Source'),
      })),
  )
}

function sorted(
  found: readonly Readonly<{ name: string; version: string; source: string }>[],
): LockFile {
  const valid = found.filter(
    ({ name, version }) => /^[A-Za-z][\w.]*$/.test(name) && /^\d[\w.-]*$/.test(version),
  )
  const own = valid.filter(({ name }) => !TOOLS.has(name))
  const isCran = ({ source }: { source: string }): boolean => /^(?:Repository|CRAN)$/.test(source)
  return {
    packages: own.filter(isCran).map(({ name, version }) => ({ name, version })),
    foreign: own.filter((one) => !isCran(one)).map(({ name, source }) => `${name} (${source})`),
  }
}

/** The tools that made the file: the build does their work. */
const TOOLS = new Set(['renv', 'packrat'])

/** The packages that a program of R loads. */
export function loadedPackages(source: string): string[] {
  const code = source.replaceAll(/^\s*#.*$/gm, '')
  const found = code.matchAll(
    /\b(?:library|require|requireNamespace)\(\s*["']?([A-Za-z][\w.]*)["']?\s*[,)]|\b([A-Za-z][\w.]*):::?[A-Za-z]/g,
  )
  return [...new Set([...found].map((match) => match[1] ?? match[2] ?? ''))]
}

const textOf = (value: unknown, otherwise = ''): string =>
  typeof value === 'string' ? value : otherwise

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
