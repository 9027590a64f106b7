import { createTestDatabase, type TestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readStudy } from '../configuration/config.ts'
import { startStudy, type RunningStudy } from '../serve/start.ts'
import { PAGES } from '../serve/testing.ts'
import { bonusMark } from '../store/bonus-marks.ts'

const parent = mkdtempSync(join(tmpdir(), 'hokku-python-'))
let database: TestDatabase

before(async () => {
  database = await createTestDatabase()
})
after(async () => {
  await database.drop()
  rmSync(parent, { recursive: true, force: true })
})

/** A study with these files, each in its own table. */
async function start(
  name: string,
  files: Readonly<Record<string, string>>,
  config = '',
): Promise<RunningStudy> {
  const directory = join(parent, name)
  for (const [path, text] of Object.entries({ ...PAGES, 'config.txt': config, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    // The packages are installed once for all runs on a machine.
    HOKKU_HOME: join(tmpdir(), 'hokku-test-python'),
    DATABASE_URL: database.url,
    PSITURK_TABLE_NAME: name,
  }
  return startStudy(readStudy(directory, env))
}

const arrive = (study: RunningStudy, worker: string) =>
  study.app.inject({ url: `/exp?hitId=H&assignmentId=A${worker}&workerId=${worker}&mode=live` })

const save = (study: RunningStudy, worker: string, questiondata: object) =>
  study.app.inject({
    method: 'PUT',
    url: `/sync/${worker}%3AA${worker}`,
    payload: { data: [], questiondata, eventdata: [] },
  })

const HEAD = `
from flask import Blueprint, render_template, request, jsonify, abort, current_app, redirect, url_for, Response
from jinja2 import TemplateNotFound
from sqlalchemy import or_, Column, Integer, String
from psiturk.psiturk_config import PsiturkConfig
from psiturk.experiment_errors import ExperimentError, InvalidUsageError
from psiturk.user_utils import PsiTurkAuthorization, nocache
from psiturk.db import db_session, init_db
from psiturk.models import Participant, Base
from json import dumps, loads
import math, os, time

config = PsiturkConfig()
config.load_config()
myauth = PsiTurkAuthorization(config)
custom_code = Blueprint('custom_code', __name__, template_folder='templates', static_folder='static')
`

const OWN = `${HEAD}
class Note(Base):
    __tablename__ = 'py_notes'
    id = Column(Integer, primary_key=True)
    text = Column(String(100))

def init_app(app):
    init_db()
    db_session.add(Note(text=config.get('My Section', 'greeting')))
    db_session.commit()

def custom_get_condition(mode):
    return (3, Participant.query.filter(Participant.mode == mode).count())

@custom_code.route('/')
def home():
    return render_template('page.html', hitid='<home>')

@custom_code.route('/notes/<int:number>')
def notes(number):
    return jsonify(notes=[note.text for note in Note.query.all()], number=number)

@custom_code.route('/people')
@nocache
def people():
    found = Participant.query.filter(or_(Participant.workerid == 'a', Participant.workerid == 'b'))
    return jsonify([one.uniqueid for one in found.order_by(Participant.beginhit).all()])

@custom_code.route('/echo', methods=['POST'])
def echo():
    return jsonify(form=request.form.get('x'), json=request.get_json(silent=True), files=list(request.files))

@custom_code.route('/secret')
@myauth.requires_auth
def secret():
    return 'in'

@custom_code.route('/go')
def go():
    return redirect(url_for('start_exp', mode='debug'))

@custom_code.route('/refuse')
def refuse():
    raise ExperimentError('already_did_exp_hit')

@custom_code.route('/misuse')
def misuse():
    raise InvalidUsageError('so not')

@custom_code.route('/broken')
def broken():
    raise ValueError('secret detail')

@custom_code.route('/lower', methods=['POST'])
def lower():
    user = Participant.query.filter(Participant.uniqueid == request.form['uniqueId']).one()
    user.status = 3
    user.datastring = dumps(dict(loads(user.datastring), checked=True))
    db_session.add(user)
    db_session.commit()
    return jsonify(status='success')
`

test('custom.py runs: its routes, tables, conditions, pages and login', async () => {
  const login = 'login_username = me\nlogin_pw = pass\nsecret_key = k'
  const study = await start(
    'py_own',
    { 'custom.py': OWN },
    `[Server Parameters]\n${login}\n[My Section]\ngreeting = hi\n`,
  )
  const get = (url: string, headers: Record<string, string> = {}) =>
    study.app.inject({ url, headers })
  try {
    assert.equal((await get('/')).body, 'raw &lt;home&gt;')
    assert.deepEqual((await get('/notes/7')).json(), { notes: ['hi'], number: 7 })
    for (const worker of ['a', 'b']) assert.equal((await arrive(study, worker)).statusCode, 200)
    const cells = await study.server.pool.query(
      'select cond, counterbalance from py_own order by uniqueid',
    )
    assert.deepEqual(cells.rows, [
      { cond: 3, counterbalance: 0 },
      { cond: 3, counterbalance: 1 },
    ])
    const people = await get('/people')
    assert.deepEqual(people.json(), ['a:Aa', 'b:Ab'])
    assert.match(String(people.headers['cache-control']), /no-cache/)
    const echo = await study.app.inject({
      method: 'POST',
      url: '/echo',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'x=1',
    })
    assert.deepEqual(echo.json(), { files: [], form: '1', json: null })
    const authorization = `Basic ${Buffer.from('me:pass').toString('base64')}`
    assert.equal((await get('/secret')).statusCode, 401)
    assert.equal((await get('/secret', { authorization })).body, 'in')
    assert.equal((await get('/go')).headers.location, '/exp?mode=debug')
    assert.match((await get('/refuse')).body, /<b>Error<\/b>: 1010/)
    const misuse = await get('/misuse')
    assert.deepEqual([misuse.statusCode, misuse.json()], [400, { message: 'so not' }])
    const broken = await get('/broken')
    assert.equal(broken.statusCode, 500)
    assert.match(broken.body, /<b>Error<\/b>: 9999/)
    assert.doesNotMatch(broken.body, /secret detail/)
    // What it does not answer is answered as ever; its own static files come from the study.
    assert.equal((await get('/static/a.txt')).body, 'file')
    assert.equal((await get('/my_custom_view')).statusCode, 404)
    assert.equal((await get('/.hokku/condition')).statusCode, 404)

    await save(study, 'a', {})
    await study.server.pool.query(`update py_own set status = 5 where uniqueid = 'a:Aa'`)
    await study.app.inject({
      method: 'POST',
      url: '/lower',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'uniqueId=a%3AAa',
    })
    const { rows } = await study.server.pool.query(
      `select status, datastring::json ->> 'checked' as checked,
         (select count(*)::int from experiment_saves where study = 'py_own') as saves
       from py_own where uniqueid = 'a:Aa'`,
    )
    assert.deepEqual(rows, [{ status: 5, checked: 'true', saves: 2 }])
  } finally {
    await study.stop()
  }
})

const BONUS = `${HEAD}
@custom_code.route('/compute_bonus')
def compute_bonus():
    user = Participant.query.filter(Participant.uniqueid == request.args['uniqueId']).one()
    wanted = loads(user.datastring)['questiondata']['wanted']
    if wanted == 'die':
        user.bonus = 1
        os.kill(os.getpid(), 9)
    if wanted == 'half':
        os.write(request.environ['wsgi.input'].fileno(), b'HTTP/1.1 200 OK\\r\\nContent-Length: 999\\r\\n\\r\\n{')
        os._exit(1)
    if wanted == 'hang':
        while True: pass
    if wanted == 'fork':
        for _ in range(200): os.fork() or time.sleep(600)
        time.sleep(600)
    if wanted == 'eat':
        return str(len('x' * (3 << 30)))
    user.bonus = float(wanted) if wanted in ('nan', 'inf') else wanted
    db_session.add(user)
    db_session.commit()
    return jsonify(bonusComputed='success')
`

test('a bonus that is no sum to pay, and one that was not stored, wait for a person', async () => {
  const study = await start(
    'py_bonus',
    { 'custom.py': BONUS },
    '[Server Parameters]\nserver_timeout = 15\n[Task Parameters]\nmax_bonus = 10\n',
  )
  const { pool, tables } = study.server
  const compute = (worker: string) =>
    study.app.inject({ url: `/compute_bonus?uniqueId=${worker}%3AA${worker}` })
  const outcome = async (worker: string, wanted: unknown) => {
    await arrive(study, worker)
    await save(study, worker, { wanted })
    const { statusCode } = await compute(worker)
    const { rows } = await pool.query<{ bonus: number }>(
      `select bonus from py_bonus where workerid = $1`,
      [worker],
    )
    const mark = await bonusMark(pool, tables, `${worker}:A${worker}`)
    return { statusCode, bonus: rows[0]?.bonus, mark }
  }
  try {
    assert.deepEqual(await outcome('good', 4.5), { statusCode: 200, bonus: 4.5, mark: undefined })
    assert.deepEqual(await outcome('zero', 0), { statusCode: 200, bonus: 0, mark: undefined })
    const faults: [string, unknown, number, RegExp][] = [
      ['nan', 'nan', 0, /is not a number: nan/],
      ['text', '4.50', 0, /is not a number: '4.50'/],
      ['minus', -3, -3, /is negative: -3/],
      ['much', 11, 11, /is 11.0, and max_bonus is 10/],
    ]
    for (const [worker, wanted, bonus, reason] of faults) {
      // oxlint-disable-next-line no-await-in-loop
      const found = await outcome(worker, wanted)
      assert.equal(found.bonus, bonus, worker)
      assert.match(found.mark ?? 'no mark', reason)
    }
    // Someone approves, and the participant's page asks again with another document.
    await pool.query(`update py_bonus set status = 5 where workerid = 'good'`)
    const late = await outcome('good', 9)
    assert.deepEqual(
      [late.bonus, /changed after approval, from 4.5 to 9/.test(late.mark ?? '')],
      [4.5, true],
    )
    for (const worker of ['die', 'half', 'hang', 'fork', 'eat']) {
      // oxlint-disable-next-line no-await-in-loop
      const found = await outcome(worker, worker)
      assert.ok(found.statusCode >= 500, `${worker} ${found.statusCode}`)
      assert.equal(found.bonus, 0, worker)
      assert.match(found.mark ?? 'no mark', /^\/compute_bonus of custom.py/, worker)
      // The program starts again, and the next participant is served.
      // oxlint-disable-next-line no-await-in-loop
      const next = await served(() => outcome(`after_${worker}`, 1))
      assert.deepEqual(next, { statusCode: 200, bonus: 1, mark: undefined })
    }
  } finally {
    await study.stop()
  }
})

/** Asks again while the program starts. */
async function served<Answer extends { statusCode: number }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + 120_000
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- waits for a process
    const answer = await ask()
    if (answer.statusCode !== 503 || performance.now() > until) return answer
    // oxlint-disable-next-line no-await-in-loop
    await sleep(200)
  }
}

const OLD = `
from flask import Blueprint, request, jsonify
from psiturk.psiturk_config import PsiturkConfig
from player import best
import cPickle as pickle
custom_code = Blueprint('custom_code', __name__)

@custom_code.route('/old')
def old():
        if not request.args.has_key('n'):
                return "none"
	try:
	    print "asked for", request.args['n']
	    return jsonify(best=best({'a': 1}), sum=sum(xrange(int(request.args['n']))))
	except ValueError, error:
	    return str(error)
`

test('Python 2 is read as Python 3, which is said', async () => {
  const study = await start('py_old', {
    'custom.py': OLD,
    'player.py': 'def best(of):\n    return [unicode(k) for k, v in of.iteritems()]\n',
  })
  try {
    assert.equal((await study.app.inject({ url: '/old' })).body, 'none')
    assert.deepEqual((await study.app.inject({ url: '/old?n=4' })).json(), { best: ['a'], sum: 6 })
    assert.match(study.notices.join('\n'), /custom\.py is Python 2; .* in line .*10, 13/)
    assert.match(study.notices.join('\n'), /player\.py is Python 2/)
  } finally {
    await study.stop()
  }
})

test('what custom.py answers is refused where it is not run, never answered by others', async () => {
  const study = await start(
    'py_without',
    { 'custom.py': BONUS },
    '[Server Parameters]\nwithout_custom = true\n',
  )
  try {
    const answer = await study.app.inject({ url: '/compute_bonus?uniqueId=x' })

    assert.equal(answer.statusCode, 501)
    assert.match(study.notices.join('\n'), /The study lacks: compute_bonus at \/compute_bonus/)
  } finally {
    await study.stop()
  }
})

test('a custom.py that cannot run is refused with its line and what the study needs of it', async () => {
  const faults: Record<string, [string, RegExp]> = {
    raises: [`${BONUS}\nopen('stimuli.csv')\n`, /custom\.py, line \d+: FileNotFoundError/],
    syntax: [`${BONUS}\ndef x(:\n`, /SyntaxError/],
    none: ['x = 1\n', /has no blueprint custom_code/],
    ends: ['import os\nos._exit(3)\n', /it ended with code 3/],
  }
  for (const [name, [source, reason]] of Object.entries(faults)) {
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(start(`py_${name}`, { 'custom.py': source }), (error: Error) => {
      assert.match(error.message, reason, name)
      if (source.startsWith(BONUS)) assert.match(error.message, /compute_bonus at \/compute_bonus/)
      return true
    })
  }
})
