import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideWeb } from './web-line.ts'

const FILES: Readonly<Record<string, string>> = {
  'start.sh': '#!/bin/bash\nset -e\nexport A=1\nexec python bin/herokuapp.py\n',
  'prepare.sh': 'python load_stimuli.py && python herokuapp.py\n',
  'serve.sh': 'psiturk serve\n',
  'launch.py': 'import psiturk.experiment_server as exp\nexp.launch()\n',
  'server.py': 'from http.server import HTTPServer\n',
  'app/wsgi.py': 'from psiturk.experiment import app\n',
}
const decided = (command: string): string =>
  decideWeb(command, (path) => FILES[path.replace(/^\.\//, '')]).do

test("a web line that starts the original's server starts ours", () => {
  const lines = [
    'python herokuapp.py',
    'python bin/herokuapp.py',
    'python3 -u herokuapp.py',
    'exec python2.7 ./herokuapp.py --log -',
    'PYTHONUNBUFFERED=1 python herokuapp.py',
    'cd study && python herokuapp.py',
    'bash start.sh',
    './start.sh',
    'sh -c "python herokuapp.py"',
    'gunicorn psiturk.experiment:app -b 0.0.0.0:$PORT',
    'python -m psiturk.experiment_server',
    'python launch.py',
    'gunicorn app.wsgi:application --workers 2',
    'pipenv run python herokuapp.py',
    'psiturk server on',
    '/app/.heroku/python/bin/python herokuapp.py',
  ]
  for (const line of lines) assert.equal(decided(line), 'replace', line)
})

test('another Python program, or one that does more, is refused', () => {
  const lines = [
    'python server.py',
    'python -m http.server $PORT',
    'uvicorn main:app',
    'python load_stimuli.py && python herokuapp.py',
    'bash prepare.sh',
    './fetch-images && python herokuapp.py',
  ]
  for (const line of lines) assert.equal(decided(line), 'refuse', line)
})

test('a web line without Python stays', () => {
  const lines = ['psiturk serve', 'psiturk-server', 'bash serve.sh', 'node server.js', './serve.sh']
  for (const line of lines) assert.equal(decided(line), 'keep', line)
})
