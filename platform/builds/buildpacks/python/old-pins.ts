/** A pin of a time before its package ran on Python 3. */
export type OldPin = Readonly<{ pin: string; name: string }>

/**
 * The first versions of packages that run on a Python 3 of today; null for those that never did.
 * Apps of 2013 pin them, and pip fails on them without the reason.
 */
const FIRST_FOR_PYTHON_3: Readonly<Record<string, readonly number[] | null>> = {
  beautifulsoup: null,
  boto: [2, 29],
  distribute: null,
  django: [1, 11],
  fabric: [2],
  flask: [0, 10],
  gevent: [1, 1],
  'mysql-python': null,
  pika: [0, 10],
  pil: null,
  supervisor: [4],
  'web.py': [0, 40],
  werkzeug: [0, 9],
  wsgiref: null,
}

/** Pins in a requirements file that only Python 2 can install. */
export function oldPins(requirements: string): OldPin[] {
  return requirements.split(/\r?\n/).flatMap((line) => {
    const [, name = '', version] = /^\s*([\w.-]+)\s*(?:==\s*([\d.]+))?/.exec(line) ?? []
    const known = name.toLowerCase().replaceAll('_', '-')
    if (!Object.hasOwn(FIRST_FOR_PYTHON_3, known)) return []
    const first = FIRST_FOR_PYTHON_3[known] ?? null
    const isOld = first === null || (version !== undefined && isBelow(version, first))
    return isOld ? [{ pin: line.trim(), name }] : []
  })
}

function isBelow(version: string, first: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const at = first.findIndex((part, i) => (parts[i] ?? 0) !== part)
  return at >= 0 && (parts[at] ?? 0) < (first[at] ?? 0)
}
