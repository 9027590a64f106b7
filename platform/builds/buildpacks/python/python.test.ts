import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseManager } from './choose-manager.ts'
import { defaultWeb } from './default-web.ts'
import { oldPins } from './old-pins.ts'
import { reasonForPython2 } from './python-2.ts'
import { pythonEnvironment } from './python-environment.ts'
import { wantedVersion } from './version.ts'

const files = (contents: Record<string, string>) => (name: string) => contents[name]

test('the list of packages decides on the package manager, and two lists are one too many', () => {
  assert.equal(chooseManager(files({ 'requirements.txt': '' })), 'pip')
  assert.equal(chooseManager(files({ 'uv.lock': '', 'pyproject.toml': '[project]' })), 'uv')
  assert.equal(chooseManager(files({ 'poetry.lock': '', 'pyproject.toml': '' })), 'poetry')
  assert.equal(chooseManager(files({ Pipfile: '', 'Pipfile.lock': '{}' })), 'pipenv')
  assert.equal(chooseManager(files({ 'pyproject.toml': '[project]\nname = "a"' })), 'pyproject')
  assert.equal(
    chooseManager(files({ 'setup.py': '', 'pyproject.toml': '[build-system]' })),
    'setup',
  )
  assert.equal(chooseManager(files({ 'pyproject.toml': '[tool.black]' })), 'none')
  assert.throws(
    () => chooseManager(files({ 'uv.lock': '', 'requirements.txt': '' })),
    /requirements\.txt, uv\.lock\. Remove all but one/,
  )
  assert.throws(() => chooseManager(files({ Pipfile: '' })), /pipenv lock/)
})

test('the Python version is looked for in the order that Heroku has', () => {
  const lock = '{"_meta": {"requires": {"python_version": "3.9"}}}'
  const all = {
    'runtime.txt': 'python-3.9.1\n',
    '.python-version': '# comment\n3.12\n',
    'Pipfile.lock': lock,
    'pyproject.toml': '[project]\nrequires-python = ">=3.10,<3.13"\n',
  }
  const order: (string | undefined)[] = []
  for (const name of Object.keys(all)) {
    order.push(wantedVersion(files(all))?.version)
    Reflect.deleteProperty(all, name)
  }

  assert.deepEqual(order, ['3.9.1', '3.12', '3.9', '>=3.10,<3.13'])
  assert.equal(wantedVersion(files({})), undefined)
})

test('ranges of Poetry become ranges that uv reads', () => {
  const poetry = (range: string) =>
    wantedVersion(
      files({ 'pyproject.toml': `[tool.poetry.dependencies]\nrich = "1"\npython = "${range}"\n` }),
    )?.version

  assert.equal(poetry('^3.11'), '>=3.11,<4')
  assert.equal(poetry('~3.11.2'), '>=3.11.2,<3.12')
  assert.equal(poetry('>=3.9,<3.13'), '>=3.9,<3.13')
  assert.equal(poetry('3.11'), '==3.11.*')
  assert.equal(poetry('~=3.11'), '~=3.11')
})

test('a version file with no version, several or nonsense is refused, and never echoed raw', () => {
  const read = (text: string) => () => wantedVersion(files({ '.python-version': text }))

  assert.throws(read('# nothing\n'), /\.python-version names no Python version/)
  assert.throws(read('3.12\n3.13\n'), /names 2 versions/)
  assert.throws(read('\u001b[31m3.12'), /"\?\[31m3\.12" in \.python-version is not/)
  assert.equal(read('\uFEFF3.12\r\n')()?.version, '3.12')
})

test('pins of 2013 are recognized, and those of today are not', () => {
  const old = oldPins('Flask==0.10\ngevent==0.13.8\nwsgiref==0.1.2\nDjango==1.5.1 # web\n')

  assert.deepEqual(
    old.map(({ name }) => name),
    ['gevent', 'wsgiref', 'Django'],
  )
  assert.deepEqual(oldPins('Flask>=0.9\ndjango==4.2\ngevent==24.2.1\n-r other.txt\nboto3==1.9'), [])
  assert.match(
    reasonForPython2(undefined, 'gevent==0.13.8') ?? '',
    /Python 2 alone: gevent==0\.13\.8/,
  )
  const wanted = { version: '2.7.18', file: 'runtime.txt' }
  assert.equal(reasonForPython2(wanted, ''), 'runtime.txt asks for 2.7.18')
  assert.equal(reasonForPython2({ version: '3.12', file: 'x' }, 'gevent==0.13.8'), undefined)
})

test('an app without a Procfile is served by the framework that it uses', () => {
  const web = (packages: string[], name: string, text: string) =>
    defaultWeb(new Set(packages), [
      { name: 'a_helper.py', text: 'import os' },
      { name, text },
    ])?.command

  assert.equal(web(['flask', 'gunicorn'], 'app.py', 'app = Flask(__name__)'), 'gunicorn app:app')
  assert.match(
    web(['flask'], 'hello.py', 'server = Flask(__name__)') ?? '',
    /flask --app hello:server/,
  )
  assert.match(
    web(['flask', 'gunicorn'], 'app/__init__.py', 'def create_app():') ?? '',
    /'app:create_app\(\)'/,
  )
  assert.match(
    web(['fastapi', 'uvicorn'], 'app/main.py', 'api = FastAPI()') ?? '',
    /^uvicorn app\.main:api/,
  )
  assert.match(
    web(['streamlit'], 'Home.py', 'import streamlit as st') ?? '',
    /^streamlit run Home\.py/,
  )
  assert.match(
    web(['dash', 'flask'], 'app.py', 'app = dash.Dash(__name__)') ?? '',
    /from app import app/,
  )
  assert.match(web(['gradio', 'fastapi'], 'app.py', 'import gradio as gr') ?? '', /python app\.py$/)
  assert.match(web(['voila'], 'note.ipynb', '{"nbformat": 4}') ?? '', /^voila .* note\.ipynb$/)
  const settings = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')"
  assert.equal(web(['django', 'gunicorn'], 'manage.py', settings), 'gunicorn site_.wsgi')
  const named = "name = 'shop.settings.dev'\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', name)"
  assert.match(web(['django'], 'manage.py', named) ?? '', /^python manage\.py runserver/)
  assert.equal(web(['numpy'], 'app.py', 'print(1)'), undefined)
  assert.equal(web(['streamlit'], 'a b;rm.py', 'import streamlit'), undefined)
})

test('settings of pip count for uv', () => {
  const env = pythonEnvironment(
    { PIP_INDEX_URL: 'https://index.example.com/simple', PATH: '/bin' },
    { PIP_EXTRA_INDEX_URL: 'https://extra.example.com/simple' },
    { tree: '/app', cache: '/cache' },
  )

  assert.equal(env['UV_DEFAULT_INDEX'], 'https://index.example.com/simple')
  assert.equal(env['UV_INDEX'], 'https://extra.example.com/simple')
  assert.equal(env['PATH'], '/app/.heroku/python/bin:/bin')
})
