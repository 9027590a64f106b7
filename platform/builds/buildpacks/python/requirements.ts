/** Everything that decides what `pip install -r requirements.txt` brings. */
export type Requirements = Readonly<{
  /** The files that are read, with their contents. */
  files: readonly Readonly<{ name: string; text: string }>[]
  /** Whether the app's own source is installed, so that every build has to. */
  includesSource: boolean
}>

/**
 * Reads a requirements file and those that it includes with `-r` and `-c`.
 *
 * @param textOf content of a file of the app; undefined if it is not there
 */
export function readRequirements(
  name: string,
  textOf: (name: string) => string | undefined,
  seen: ReadonlySet<string> = new Set(),
): Requirements {
  const text = textOf(name)
  if (text === undefined || seen.has(name)) return { files: [], includesSource: false }
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
  const folder = name.includes('/') ? name.replace(/[^/]*$/, '') : ''
  const included = lines.flatMap((line) => {
    const match = /^(?:-r|-c|--requirement|--constraint)[=\s]*(\S+)$/.exec(line)
    return match?.[1] === undefined ? [] : [folder + match[1]]
  })
  const all = included.map((one) => readRequirements(one, textOf, new Set([...seen, name])))
  return {
    files: [{ name, text }, ...all.flatMap((one) => one.files)],
    includesSource: lines.some(isLocal) || all.some((one) => one.includesSource),
  }
}

/** `-e .`, `./library`, `file:…`: what lies in the app itself. */
const isLocal = (line: string): boolean =>
  /^(?:-e|--editable)[=\s]*(?!git\+|https?:)|^\.{1,2}(?:\/|$)|(?:^|@\s*)file:/.test(line)
