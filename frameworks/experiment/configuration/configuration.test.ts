import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { adAddress } from './ad-address.ts'
import { chooseDatabase } from './database-address.ts'
import { parseDotenv } from './dotenv.ts'
import { parseIni } from './ini.ts'
import { interpolate } from './interpolation.ts'
import { SECTIONS, type Option } from './options.ts'
import { resolve } from './resolve.ts'
import { readSettings } from './settings.ts'

const read = (project: string, env: Record<string, string> = {}, user = '') => {
  const { sections, warnings } = resolve({
    env,
    projectFile: parseIni(project, 'config.txt'),
    userFile: parseIni(user, '.psiturkconfig'),
  })
  return { settings: readSettings(sections), warnings, sections }
}

test('without any file every option has its default and nothing is warned about', () => {
  const { settings, warnings } = read('')

  assert.equal(settings.server.port, 22362)
  assert.equal(settings.server.threads, 'auto')
  assert.equal(settings.hit.ad_url, undefined)
  assert.deepEqual(settings.task.browser_exclude_rule, ['MSIE', 'mobile', 'tablet'])
  assert.deepEqual(warnings, [])
})

test('the later source wins: default, cloud, user file, project file, environment', () => {
  const user = '[Server Parameters]\nhost = user\nthreads = 3\nport = 1\n'
  const project = '[Server Parameters]\nthreads = 4\nport = 2\n'

  const { settings } = read(project, { ON_CLOUD: '', PORT: '5', PSITURK_PORT: '6' }, user)

  assert.equal(settings.server.errorlog, '-')
  assert.equal(settings.server.host, 'user')
  assert.equal(settings.server.threads, 4)
  assert.equal(settings.server.port, 6)
})

test('each source beats every earlier one, for every option that is text', () => {
  const names = Object.entries(SECTIONS).flatMap(([key, section]) =>
    Object.entries(section.options)
      .filter(
        ([, option]) =>
          typeof option.default === 'string' && !/\d|true|false|auto/.test(option.default),
      )
      .filter(([name]) => !/_name$|log|_quals|advanced|path|rule|keywords/.test(name))
      .map(([name]) => ({ key, title: section.title, name })),
  )
  const value = fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined })
  fc.assert(
    fc.property(fc.constantFrom(...names), value, value, value, (option, user, project, env) => {
      const file = (text: string | undefined): string =>
        text === undefined ? '' : `[${option.title}]\n${option.name} = ${text}\n`

      const { sections } = read(
        file(project),
        env === undefined ? {} : { [`PSITURK_${option.name.toUpperCase()}`]: env },
        file(user),
      )

      const fallback = read('').sections.get(option.title)?.get(option.name)?.text
      const expected = env ?? project ?? user ?? fallback
      assert.equal(sections.get(option.title)?.get(option.name)?.text, expected)
    }),
  )
})

test('DATABASE_URL counts bare, an empty variable does not count, % in it is kept', () => {
  const url = 'postgres://u:p%2Fq%s@h/d'

  assert.equal(read('', { DATABASE_URL: url }).settings.database.database_url, url)
  assert.equal(read('', { PSITURK_TITLE: '' }).settings.hit.title, '')
  assert.equal(read('', { PSITURK_AD_URL: 'x' }).settings.hit.ad_url, 'x')
})

test('synonyms replace their targets, from files and from the environment', () => {
  const project =
    '[HIT Configuration]\nrequire_quals = a, b\nrequire_quals_live = c\n[Server Parameters]\nerrorlog = e\n'

  const { settings } = read(project, { PSITURK_ASSIGNMENTS_TABLE_NAME: 't' })

  assert.deepEqual(settings.hit.require_quals_live, ['a', 'b'])
  assert.deepEqual(settings.hit.require_quals_sandbox, ['a', 'b'])
  assert.equal(settings.server.logfile, 'e')
  assert.equal(settings.database.table_name, 't')
})

test('options of version 2 are read where they stand, with a warning, unless the new one is set', () => {
  const old =
    '[HIT Configuration]\nallow_repeats = true\namt_keywords = k\n[Server Parameters]\ncutoff_time = 7\n'

  const { settings, warnings } = read(`${old}[Task Parameters]\ncutoff_time = 9\n`)

  assert.equal(settings.task.allow_repeats, true)
  assert.equal(settings.task.cutoff_time, 9)
  assert.equal(settings.hit.keywords, 'k')
  assert.deepEqual(warnings, [
    'Options stand where version 2 had them, and are used: allow_repeats (config.txt, line 2, now [Task Parameters]); amt_keywords (config.txt, line 3, now [HIT Configuration] keywords).',
  ])
})

test('a value that cannot be read is refused with its file, line and text', () => {
  const project = '[Task Parameters]\n\nallow_repeats = maybe\nnum_conds = 2.5\n'

  assert.throws(() => read(project), {
    code: 'config_invalid',
    message:
      'config.txt, line 4: num_conds must be a whole number, not "2.5".\n' +
      'config.txt, line 3: allow_repeats must be one of true, yes, on, 1, false, no, off, 0, not "maybe".',
  })
})

test('numbers that would make a study meaningless are refused together', () => {
  const project =
    '[Task Parameters]\nnum_conds = 0\n[Server Parameters]\nloglevel = 5\nport = 70000\n' +
    '[HIT Configuration]\nlifetime = 0\napprove_requirement = 101\n'

  assert.throws(() => read(project), {
    code: 'config_invalid',
    message:
      'num_conds must be at least 1.\nlifetime must be more than 0.\n' +
      'approve_requirement must be 0 to 100.\nloglevel must be 0 to 4.\nport must be 0 to 65535.',
  })
})

test('%(name)s is filled in within a section, other % stay', () => {
  const project =
    '[HIT Configuration]\ntitle = 100%(x)s %%\nad_url_route = r\nad_url = h/%(ad_url_route)s?a=%20&b=%%\n'

  const { settings } = read(project)

  assert.equal(settings.hit.title, '100%(x)s %%')
  assert.equal(settings.hit.ad_url, 'h/r?a=%20&b=%')
})

test('interpolation ends for any text, also for names that refer to themselves', () => {
  const part = fc.constantFrom('%(a)s', '%(b)s', '%(no)s', '%', '%%', 'x', ')s')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 2 }), (a, b) => {
      const options: Record<string, string> = { a: a.slice(0, 1).join(''), b: b.join('') }

      const text = interpolate(a.join(''), (name) => options[name])

      assert.equal(typeof text, 'string')
    }),
  )
})

test('a .env file is read with quotes, comments and export', () => {
  const text = '# c\nexport A=1\nB = "x\\ny" # c\nC=\'$x\'\nD=a b # c\nE=a#b\n\nnonsense\n'

  assert.deepEqual(parseDotenv(text), { A: '1', B: 'x\ny', C: '$x', D: 'a b', E: 'a#b' })
})

test('the ad address prints its port, and a port in the domain wins', () => {
  const hit = (lines: string) => read(`[HIT Configuration]\n${lines}\n`).settings.hit

  assert.equal(adAddress(hit('ad_url_domain = a.b')), 'https://a.b:443/pub')
  assert.equal(adAddress(hit('ad_url_domain = a.b:5000')), 'https://a.b:5000/pub')
  assert.equal(adAddress(hit('ad_url = http://x/ad\nad_url_domain = a.b')), 'http://x/ad')
  assert.throws(() => adAddress(hit('')), /missing ad_url config var `ad_url_domain`/)
})

test('SQLite means the PostgreSQL of this machine, and is refused on a cloud host', () => {
  const here = { isOnCloud: false, isDefault: false }
  const cloud = { isOnCloud: true, isDefault: true }

  assert.deepEqual(chooseDatabase('postgres://u@h/d', here), {
    kind: 'server',
    url: 'postgresql://u@h/d',
  })
  assert.match(
    String(Reflect.get(chooseDatabase('sqlite:///x.db', here), 'notice')),
    /sqlite:\/\/\/x\.db/,
  )
  assert.throws(() => chooseDatabase('sqlite:///participants.db', cloud), {
    code: 'ephemeral_database',
    message: /sqlite:\/\/\/participants\.db/,
    hint: /heroku addons:create heroku-postgresql/,
  })
  assert.throws(() => chooseDatabase('postgres://u:geheim@localhost/d', cloud), /u:\*+@localhost/)
  const mysql = chooseDatabase('mysql://u:secret@h/d', here)
  assert.match(
    mysql.kind === 'local' ? (mysql.notice ?? '') : '',
    /mysql:\/\/u:\*+@h\/d is a MySQL address/,
  )
  assert.throws(() => chooseDatabase('oracle://h/d', here), { code: 'database_unsupported' })
  assert.throws(() => chooseDatabase('mysql://h/d', { ...here, isOnCloud: true }), {
    code: 'database_unsupported',
  })
})

test('the manual lists exactly the options there are, with their defaults', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../../docs/experiments.md'), 'utf8')

  const rows = Object.values(SECTIONS).flatMap(({ title, options }) => [
    `### [${title}]`,
    ...Object.entries<Option<unknown>>(options).map(
      ([name, option]) =>
        `| \`${name}\`${option.isOurs ? ' (ours)' : ''} | ${option.default ? `\`${option.default}\`` : ''} |`,
    ),
  ])
  const chapter = manual.split(/^## /m).find((text) => text.startsWith('Options\n'))
  const listed = chapter
    ?.split('\n')
    .filter((line) => /^### \[|^\| `[a-z_]+`( \(ours\))? \|/.test(line))
  assert.deepEqual(listed, rows)
})
