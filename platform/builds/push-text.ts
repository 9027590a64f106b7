/** What a build prints, in the shape in which Heroku prints it. */
export type PushText = Readonly<{
  /** A step: `-----> Compressing...` */
  topic: (text: string) => void
  /** A line below a step, indented by seven. */
  detail: (text: string) => void
  /** A warning or failure: ` !     …`; each line of it. */
  warn: (text: string) => void
  /** A line as it is. */
  line: (text?: string) => void
  /** Bytes of a program, line by line in the same shape. */
  program: () => { write: (bytes: Uint8Array) => void; end: () => void }
}>

export function pushText(write: (text: string) => void): PushText {
  const line = (text = ''): void => write(`${text}\n`)
  return {
    line,
    topic: (text) => line(`-----> ${text}`),
    detail: (text) => line(`       ${text}`),
    warn: (text) => {
      for (const part of text.split('\n')) line(part === '' ? ' !' : ` !     ${part}`)
    },
    program: () => lineByLine((text) => line(indented(text))),
  }
}

/** Buildpacks shape some of their lines themselves; everything else is indented. */
export function indented(line: string): string {
  const shaped = /^(?:-----> | ! {5}| !$|remote: | {7})/.test(line)
  return line === '' || shaped ? line : `       ${line}`
}

/** Splits bytes into lines; of a line redrawn with carriage returns only the last state counts. */
export function lineByLine(print: (line: string) => void): {
  write: (bytes: Uint8Array) => void
  end: () => void
} {
  const decoder = new TextDecoder()
  let rest = ''
  const take = (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) print(clean(line))
    if (rest.length > LINE_LENGTH_MAX) {
      print(clean(rest))
      rest = ''
    }
  }
  return {
    write: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end: () => {
      take(decoder.decode())
      if (rest !== '') print(clean(rest))
      rest = ''
    },
  }
}

const clean = (line: string): string =>
  (line.replace(/\r+$/, '').split('\r').at(-1) ?? '').slice(0, LINE_LENGTH_MAX)

/** Longest line that is shown whole, in characters. */
const LINE_LENGTH_MAX = 16 * 1024
