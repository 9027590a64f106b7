/**
 * Adds `&mode={{ mode }}` behind each `workerId={{ workerid }}` of a template, unless the same
 * address has a `mode=` already, so that links written for older versions keep their mode. The
 * other parameters of the page's own address are passed on too.
 *
 * @returns undefined if the template has no such link: then its pages would lose the mode
 */
export function insertMode(source: string): string | undefined {
  if (source.search(WORKER) === -1) return undefined
  return source.replaceAll(WORKER, (link, offset: number) => {
    const rest = /^(?:\{\{.*?\}\}|[^\s"'<>`])*/s.exec(source.slice(offset + link.length))?.[0] ?? ''
    const passed = `${link}{{ passed|safe }}`
    return /[&;?]mode=/.test(rest) ? passed : `${passed}&mode={{ mode }}`
  })
}

const WORKER = /workerId=\{\{-?\s*workerid\s*(?:\|[^}]*)?-?\}\}/g
