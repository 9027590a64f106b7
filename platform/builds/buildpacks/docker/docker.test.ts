import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHerokuYml } from './heroku-yml.ts'
import { parseDockerfile } from './instructions.ts'
import { translate } from './translate.ts'

const translated = (...lines: string[]) => translate(parseDockerfile(lines.join('\n')))

test('a Dockerfile of a Python app becomes its version, packages, variables and web process', () => {
  const result = translated(
    '# syntax=docker/dockerfile:1',
    'FROM python:3.11-slim AS app',
    'WORKDIR /code',
    'ENV PYTHONUNBUFFERED=1 MODEL="/code/model.pkl"',
    'RUN apt-get update && apt-get install -y --no-install-recommends \\',
    '    libgomp1 ffmpeg && \\',
    '    rm -rf /var/lib/apt/lists/*',
    'COPY requirements.txt .',
    'RUN pip install --no-cache-dir -r requirements.txt gunicorn==23.0.0',
    'COPY . .',
    'RUN python train.py',
    'EXPOSE 8501',
    'CMD ["streamlit", "run", "/code/app.py", "--server.port=8501", "--title", "it\'s"]',
  )

  assert.equal(result?.version, '3.11')
  assert.deepEqual(result.variables, { PYTHONUNBUFFERED: '1', MODEL: 'model.pkl' })
  assert.deepEqual(
    result.steps.filter((step) => step.do !== 'nothing'),
    [
      { do: 'apt', packages: ['libgomp1', 'ffmpeg'] },
      { do: 'require', lines: ['-r requirements.txt', 'gunicorn==23.0.0'] },
      { do: 'run', command: 'python train.py' },
    ],
  )
  assert.deepEqual(result.copies, [{ from: 'requirements.txt', to: '.', isFolder: true }])
  assert.equal(result.command, `streamlit run app.py --server.port=$PORT --title 'it'\\''s'`)
  assert.equal(result.lines.length, 10)
})

test('a Dockerfile of a Node app runs its scripts, and copies what lies elsewhere', () => {
  const result = translated(
    'FROM node:20-alpine',
    'WORKDIR /usr/src/app',
    'COPY package*.json ./',
    'RUN npm ci --omit=dev --legacy-peer-deps',
    'COPY server/ .',
    'COPY public ./public',
    'USER node',
    'ENTRYPOINT ["node"]',
    'CMD ["index.js"]',
  )

  assert.equal(result?.version, '20')
  assert.deepEqual(result.copies, [{ from: 'server', to: '.', isFolder: true }])
  assert.equal(result.command, 'node index.js')
  assert.ok(result.steps.some((step) => step.do === 'export'))
})

test('a step without a counterpart is declined with its line', () => {
  const declines = (pattern: RegExp, ...lines: string[]): void => {
    assert.throws(() => translated(...lines), pattern)
  }

  declines(/line 1: FROM ubuntu:22\.04/, 'FROM ubuntu:22.04')
  declines(/line 3: FROM nginx/, 'FROM node:20', 'RUN npm ci', 'FROM nginx')
  declines(/line 2: RUN apk add git/, 'FROM python:3', 'RUN pip install x && apk add git')
  declines(/line 2: COPY nginx\.conf/, 'FROM python:3', 'COPY nginx.conf /etc/', 'COPY x /srv/y')
  declines(/line 2: RUN <<EOF/, 'FROM python:3', 'RUN <<EOF', 'ls', 'EOF')
  declines(/line 2: VOLUME \/data/, 'FROM python:3', 'VOLUME /data')
  declines(/line 2: RUN curl \?\[31m/, 'FROM python:3', 'RUN curl \u001b[31m')
})

test('heroku.yml names the processes; what no buildpack can do is declined by name', () => {
  const yml = parseHerokuYml(
    'setup:\n  addons:\n    - plan: heroku-postgresql\nbuild:\n  docker:\n    web: docker/Dockerfile\nrelease:\n  image: web\n  command: [./migrate]\nrun:\n  web: gunicorn app:app\n  worker:\n    command: [python worker.py]\n    image: web\n',
  )

  assert.equal(yml.dockerfile, 'docker/Dockerfile')
  assert.deepEqual(yml.run, {
    web: 'gunicorn app:app',
    worker: 'python worker.py',
    release: './migrate',
  })
  assert.deepEqual(yml.notices, ['setup.addons: heroku addons:create heroku-postgresql'])
  const two = 'build:\n  docker:\n    web: Dockerfile\n    worker: worker/Dockerfile\n'
  assert.throws(() => parseHerokuYml(two), /build\.docker with several files/)
  assert.throws(() => parseHerokuYml('build:\n  packs: x\n'), /build\.packs/)
  assert.throws(() => parseHerokuYml(': :\n\t-'), /heroku\.yml is not valid YAML/)
})
