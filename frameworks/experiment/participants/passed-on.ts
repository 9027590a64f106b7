/**
 * What an address says beside the ids and the mode, such as `survey_code` or `source`: it goes with
 * the participant from page to page, and is kept with the record.
 */
export function passedOn(query: Readonly<Record<string, string>>): Record<string, string> {
  const kept: [string, string][] = []
  let length = 0
  for (const [name, value] of Object.entries(query)) {
    length += name.length + value.length
    if (OWN.has(name) || kept.length >= COUNT_MAX || length > LENGTH_MAX) continue
    if (!name.includes('\0') && !value.includes('\0')) kept.push([name, value])
  }
  return Object.fromEntries(kept)
}

const OWN = new Set([
  'hitId',
  'assignmentId',
  'workerId',
  'mode',
  'turkSubmitTo',
  'id',
  'PROLIFIC_PID',
  'STUDY_ID',
  'SESSION_ID',
  // Ours: the page is loaded with the library at its second address.
  'library',
])

/** An address with more is not written by a recruiter. */
const COUNT_MAX = 20
const LENGTH_MAX = 2000

/** Ready to stand behind other parameters of an address, in HTML and in scripts: `&a=1&b=2`. */
export const asQuery = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `&${encode(name)}=${encode(value)}`)
    .join('')

/** Also what `encodeURIComponent` leaves alone and a quoted text does not. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** An address with `{name}` in it, filled in; what is not known is empty. */
export const fillAddress = (
  address: string,
  values: Readonly<Record<string, string | undefined>>,
): string => address.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(values[name] ?? ''))
