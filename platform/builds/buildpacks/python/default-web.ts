/** A web process that an app without a Procfile gets. */
export type DefaultWeb = Readonly<{ command: string; framework: string; file: string }>

export type SourceFile = Readonly<{ name: string; text: string }>

type Rule = Readonly<{
  framework: string
  package: string
  /** What a file of the app shows; its first group is the name of the application's variable. */
  pattern: RegExp
  command: (found: Found, packages: ReadonlySet<string>) => string
}>

type Found = Readonly<{ file: string; module: string; variable: string }>

/** Frameworks that hold others come first: Dash is a Flask application, FastAPI may hold Gradio. */
const RULES: readonly Rule[] = [
  {
    framework: 'Django',
    package: 'django',
    pattern: /^(?=[^]*DJANGO_SETTINGS_MODULE)[^]*?["']([\w.]+?)\.settings[\w.]*["']/,
    command: ({ file, variable }, packages) =>
      packages.has('gunicorn')
        ? `gunicorn ${variable}.wsgi`
        : `python ${file} runserver 0.0.0.0:$PORT`,
  },
  {
    framework: 'Streamlit',
    package: 'streamlit',
    pattern: /^\s*(?:import|from)\s+streamlit\b/m,
    command: ({ file }) =>
      `streamlit run ${file} --server.port $PORT --server.address 0.0.0.0 --server.headless true`,
  },
  {
    framework: 'FastAPI',
    package: 'fastapi',
    pattern: /^(\w+)(?:\s*:\s*[\w.]+)?\s*=\s*(?:fastapi\.)?FastAPI\(/m,
    command: ({ file, module, variable }, packages) =>
      packages.has('uvicorn')
        ? `uvicorn ${module}:${variable} --host 0.0.0.0 --port $PORT`
        : `fastapi run ${file} --port $PORT`,
  },
  {
    framework: 'Dash',
    package: 'dash',
    pattern: /^(\w+)\s*=\s*(?:dash\.)?Dash\(/m,
    command: ({ module, variable }) =>
      `python -c "import os; from ${module} import ${variable} as app; app.run(host='0.0.0.0', port=int(os.environ['PORT']))"`,
  },
  {
    framework: 'Gradio',
    package: 'gradio',
    pattern: /^\s*(?:import|from)\s+gradio\b/m,
    command: ({ file }) => `GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=$PORT python ${file}`,
  },
  {
    framework: 'Flask',
    package: 'flask',
    pattern: /^(\w+)(?:\s*:\s*[\w.]+)?\s*=\s*(?:flask\.)?Flask\(/m,
    command: ({ module, variable }, packages) =>
      packages.has('gunicorn')
        ? `gunicorn ${module}:${variable}`
        : `flask --app ${module}:${variable} run --host 0.0.0.0 --port $PORT`,
  },
  {
    framework: 'Flask',
    package: 'flask',
    pattern: /^def (create_app|make_app)\(/m,
    command: ({ module, variable }, packages) =>
      packages.has('gunicorn')
        ? `gunicorn '${module}:${variable}()'`
        : `flask --app '${module}:${variable}' run --host 0.0.0.0 --port $PORT`,
  },
  {
    framework: 'Voilà',
    package: 'voila',
    pattern: /"nbformat"/,
    command: ({ file }) => `voila --port=$PORT --no-browser --Voila.ip=0.0.0.0 ${file}`,
  },
]

/** Names that are looked at first; the rest follows by the alphabet. */
const USUAL = [
  'streamlit_app.py',
  'app.py',
  'main.py',
  'server.py',
  'wsgi.py',
  'api.py',
  'manage.py',
]

/**
 * What serves an app that has no Procfile: the first framework that is installed and used by a
 * file of the app.
 */
export function defaultWeb(
  packages: ReadonlySet<string>,
  files: readonly SourceFile[],
): DefaultWeb | undefined {
  const rank = ({ name }: SourceFile): number =>
    USUAL.includes(name) ? USUAL.indexOf(name) : USUAL.length
  const ordered = files
    .filter(({ name }) => /^[\w./-]+$/.test(name))
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  for (const rule of RULES.filter((one) => packages.has(one.package))) {
    for (const { name, text } of ordered) {
      const match = rule.pattern.exec(text)
      if (match === null) continue
      const module = name
        .replace(/\.py$/, '')
        .replace(/\/__init__$/, '')
        .replaceAll('/', '.')
      const found = { file: name, module, variable: match[1] ?? '' }
      return { command: rule.command(found, packages), framework: rule.framework, file: name }
    }
  }
  return undefined
}
