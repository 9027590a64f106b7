import { createReadStream } from 'node:fs'
import { problem } from '../problems.ts'

/**
 * The lines of a file in batches, without their ends (`\n` or `\r\n`); memory stays flat.
 *
 * @throws Problem `import_failed` for a line beyond the limit: then it is no file of lines
 */
export async function* linesOf(path: string): AsyncGenerator<string[], void, undefined> {
  let rest = ''
  let line = 0
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 262_144 })) {
    const lines = (rest + (chunk as string)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LENGTH_MAX) {
      throw problem('import_failed', `Line ${line + lines.length + 1} of ${path} is too long.`, {
        hint: 'The file should have one JSON object per line.',
      })
    }
    line += lines.length
    yield lines.map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text))
  }
  if (rest !== '') yield [rest]
}

/** As much as the event server accepts at once. */
const LINE_LENGTH_MAX = 8 * 1024 * 1024
