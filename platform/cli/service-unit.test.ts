import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsFile, unitFile } from './service-unit.ts'

const SERVICE = {
  program: '/opt/hokku/bin/hokku',
  args: ['--home', '/srv/my "100%" $HOME', '--port', '443'],
  home: '/srv/h',
  settingsFile: '/srv/h/service.env',
  isPersonal: false,
}

test('the unit starts hokku in the foreground, with every word quoted for systemd', () => {
  assert.match(
    unitFile(SERVICE),
    /^ExecStart="\/opt\/hokku\/bin\/hokku" "up" "--home" "\/srv\/my \\"100%%\\" \$\$HOME" "--port" "443"$/m,
  )
})

test('the death of the supervisor ends no app, and it starts again', () => {
  assert.match(unitFile(SERVICE), /^KillMode=process$/m)
  assert.match(unitFile(SERVICE), /^Restart=always$/m)
})

test('a service of one person starts with the systemd of that person', () => {
  assert.match(unitFile(SERVICE), /^WantedBy=multi-user.target$/m)
  assert.match(unitFile({ ...SERVICE, isPersonal: true }), /^WantedBy=default.target$/m)
})

test('settings are those of the platform, without what only a person has', () => {
  const text = settingsFile({
    PATH: '/usr/bin',
    HOKKU_HOME: '/srv/h',
    HOKKU_POSTGRES_URL: 'postgres://u:p"$x@db/d',
    HOKKU_BACKUP_PASSPHRASE: 'secret',
    HEROKU_API_KEY: 'secret',
    HOKKU_PORT: '80',
    https_proxy: 'http://proxy:3128',
    HOME: '/root',
  })

  assert.equal(
    text,
    'HOKKU_HOME="/srv/h"\nHOKKU_POSTGRES_URL="postgres://u:p\\"\\$x@db/d"\nPATH="/usr/bin"\nhttps_proxy="http://proxy:3128"\n',
  )
})

test('a setting of several lines is refused by name', () => {
  assert.throws(() => settingsFile({ HOKKU_X: 'a\nb' }), /HOKKU_X has more than one line/)
})
