import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packagesFor, PINNED } from './python-packages.ts'

test('a study without a list gets what custom.py was written for', () => {
  assert.deepEqual(packagesFor(), { lines: PINNED, notices: [] })
})

test("the original's environment is replaced by ours, other packages stay", () => {
  const { lines, notices } = packagesFor(
    'psiturk==2.3.12 # the server\npsycopg2==2.8\nFlask==0.12\ngunicorn[gevent]~=20.0.4\ncryptography==38.0.4\n',
  )

  assert.deepEqual(lines, ['cryptography==38.0.4', ...PINNED])
  assert.match(notices.join(), /psiturk==2\.3\.12, psycopg2==2\.8, Flask==0\.12, gunicorn/)
})

test('a study that names its own Flask keeps it, with what belongs to it', () => {
  const { lines } = packagesFor('flask>=3\nSQLAlchemy==2.0.36\n')

  assert.deepEqual(
    lines.map((line) => line.split(/[=>]/)[0]),
    ['flask', 'SQLAlchemy', 'psycopg2-binary', 'fissix'],
  )
})

test('packages that are imported and not listed are added, and said', () => {
  const sources = [
    'import os, numpy as np\nfrom sklearn import svm\n',
    '# import pandas\nimport scipyx\n',
  ]
  const { lines, notices } = packagesFor('scikit-learn==1.5\n', sources)

  assert.deepEqual(lines.slice(PINNED.length + 1), ['numpy'])
  assert.match(notices.join(), /does not list numpy, which the study imports/)
})
