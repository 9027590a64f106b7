/**
 * What custom.py of the original was written for, in the newest versions that behave so and run on
 * the Pythons of today. fissix reads Python 2.
 */
export const PINNED: readonly string[] = [
  'Flask==2.3.3',
  'Werkzeug==2.3.8',
  'Jinja2==3.1.6',
  'MarkupSafe==3.0.4',
  'itsdangerous==2.2.0',
  'click==8.1.8',
  'SQLAlchemy==1.4.54',
  'psycopg2-binary==2.9.13',
  'fissix==24.4.24',
]

/** Packages that only the original's own server needs, in versions that install nowhere today. */
const OF_PSITURK = new Set(
  'psiturk flask-restful flask-login cmd2 fuzzywuzzy gunicorn gevent psutil user-agents docopt faker apscheduler future gitpython'.split(
    ' ',
  ),
)

/** What is installed for a study's `custom.py`, and what is said about it. */
export type PackageList = Readonly<{ lines: readonly string[]; notices: readonly string[] }>

/**
 * The study's own requirements with what the server beside it needs. Where they name psiturk, they
 * describe the original's environment: its packages are replaced by ours.
 *
 * @param requirements text of the study's `requirements.txt`
 * @param sources texts of its Python files: packages that everyone has are often not listed
 */
export function packagesFor(requirements = '', sources: readonly string[] = []): PackageList {
  const wanted = requirements
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  const isOriginal = wanted.some((line) => nameOf(line) === 'psiturk')
  const ours = new Map(PINNED.map((line) => [nameOf(line), line]))
  const isReplaced = (line: string): boolean =>
    nameOf(line) === 'psiturk' ||
    (isOriginal && (OF_PSITURK.has(nameOf(line)) || ours.has(nameOf(line)))) ||
    nameOf(line) === 'psycopg2'
  const kept = wanted.filter((line) => !isReplaced(line))
  const replaced = wanted.filter(isReplaced)
  const names = new Set(kept.map(nameOf))
  // A study that brings its own Flask has what belongs to it.
  const added = PINNED.filter(
    (line) => !names.has(nameOf(line)) && !(names.has('flask') && OF_FLASK.has(nameOf(line))),
  )
  const unlisted = COMMON.filter(
    ([module, name]) => !names.has(name) && sources.some((text) => importOf(module).test(text)),
  ).map(([, name]) => name)
  return {
    lines: [...kept, ...added, ...unlisted],
    notices: [
      ...(replaced.length === 0
        ? []
        : [
            `requirements.txt: ${replaced.join(', ')} is not installed; hokku has its own server in place of psiturk.`,
          ]),
      ...(unlisted.length === 0
        ? []
        : [
            `requirements.txt does not list ${unlisted.join(', ')}, which the study imports: the newest version is installed.`,
          ]),
    ],
  }
}

/** Modules that studies import without a word, and their packages. */
const COMMON: readonly (readonly [module: string, name: string])[] = [
  ['numpy', 'numpy'],
  ['scipy', 'scipy'],
  ['pandas', 'pandas'],
  ['sklearn', 'scikit-learn'],
  ['requests', 'requests'],
  ['six', 'six'],
  ['dateutil', 'python-dateutil'],
  ['pytz', 'pytz'],
  ['yaml', 'pyyaml'],
  ['PIL', 'pillow'],
]

const importOf = (module: string): RegExp =>
  new RegExp(`^[ \\t]*(?:import|from)[ \\t]+(?:\\w+[ \\t]*,[ \\t]*)*${module}\\b`, 'm')

const OF_FLASK = new Set(['werkzeug', 'jinja2', 'markupsafe', 'itsdangerous', 'click'])

/** As package indexes compare names. */
const nameOf = (line: string): string =>
  (/^[A-Za-z0-9][\w.-]*/.exec(line)?.[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-')
