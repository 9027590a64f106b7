/** One request as the router logged it; `end` is the byte after its line. */
export type RouterLine = Readonly<{ appId: string; at: number; message: string; end: number }>

/**
 * Reads the router's lines, `<app id>\t<microseconds>\t<message>\n`, as far as they are complete.
 * Lines that are none of this are passed over.
 *
 * @param offset where `bytes` starts in its segment
 */
export function parseRouterLines(
  bytes: Buffer,
  offset: number,
): { lines: RouterLine[]; consumed: number } {
  const lines: RouterLine[] = []
  let start = 0
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    const match = LINE.exec(bytes.toString('latin1', start, end))
    start = end + 1
    if (match === null) continue
    const [, appId = '', at, message = ''] = match
    lines.push({ appId, at: Number(at), message, end: offset + start })
  }
  return { lines, consumed: start }
}

const LF = 10
const LINE = /^([\da-f-]{36})\t(\d{1,16})\t(.*)$/s
