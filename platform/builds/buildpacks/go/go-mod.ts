/** What a `go.mod` says about its build. */
export type GoMod = Readonly<{
  /** Path of the module, e.g. `example.com/hello`. */
  module: string
  /** The oldest Go that builds it, e.g. `1.22`. */
  version: string
  /** Packages that a line `// +heroku install ./cmd/...` names. */
  install: readonly string[]
  /** The Go that a line `// +heroku goVersion go1.21` asks for. */
  asked: string | undefined
}>

export function parseGoMod(text: string): GoMod {
  const word = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]
  const install = word(/^\/\/ \+heroku install (.+)$/m) ?? ''
  return {
    module: word(/^module\s+"?([^\s"]+)/m) ?? '',
    version: word(/^go\s+(\d[\w.]*)/m) ?? '1.16',
    install: install.split(/\s+/).filter((one) => one !== ''),
    asked: word(/^\/\/ \+heroku goVersion (?:go)?(\d[\w.]*)/m),
  }
}

/** The name of the program that `go install` makes of a module's root. */
export const programName = (module: string): string =>
  module
    .replace(/\/v\d+$/, '')
    .split('/')
    .at(-1) ?? ''

/** Whether a version is at least another one: `1.22.1` and `1.22`. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = (text: string): number[] => text.split(/[.a-z]/).map((part) => Number(part) || 0)
  const wanted = parts(least)
  const has = parts(version)
  const at = wanted.findIndex((part, i) => (has[i] ?? 0) !== part)
  return at < 0 || (has[at] ?? 0) > (wanted[at] ?? 0)
}
