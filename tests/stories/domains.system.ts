import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { checkOutFixture, eventually, startPlatform, type TestPlatform } from './platform.ts'

/** Custom domains and certificates with the official heroku CLI, asked for with curl. */
let platform: TestPlatform
let folder: string

before(async () => {
  platform = await startPlatform()
  folder = await checkOutFixture(platform, 'counter')
  await type('heroku create shop')
  await type('git push heroku main')
  await eventually(async () => ((await platform.get('shop')).status === 200 ? true : undefined))
})

after(async () => await platform.stop())

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })

/** Status of a host, over TLS with the authorities of `file`, resolved to this machine. */
const status = (host: string, file: string): Promise<string> =>
  type(
    `curl -s -o /dev/null -w '%{http_code}' --cacert ${file}` +
      ` --resolve ${host}:${platform.port}:127.0.0.1 https://${host}:${platform.port}/`,
  )

const bundle = (): string => join(platform.home, 'certificates', 'bundle.pem')

test('heroku domains shows the name that every app has, as it can be typed', async () => {
  const printed = await type('heroku domains')

  assert.match(printed, new RegExp(`shop Heroku Domain\\s+shop\\.localhost:${platform.port}\\s*$`))
})

test('heroku domains:add serves the app there at once, with a certificate', async () => {
  const printed = await type('heroku domains:add www.Shop.example --wait')

  assert.match(printed, /DNS Target shop\.localhost/)
  assert.equal(await status('www.shop.example', bundle()), '200')
  assert.match(await type('heroku domains'), /www\.shop\.example\s+CNAME\s+shop\.localhost/)
  assert.match(await type('heroku domains:info www.shop.example'), /kind:\s+custom/)
  await type('heroku domains:wait www.shop.example')
})

test('heroku domains:add refuses what another app has and what is not a name', async () => {
  await type('heroku create other --no-remote')

  const taken = await platform.attempt('heroku domains:add www.shop.example -a other')
  const nonsense = await platform.attempt('heroku domains:add "no name" -a other')
  const own = await platform.attempt('heroku domains:add shop.localhost -a other')

  assert.match(taken.stderr, /www\.shop\.example is currently in use by another app/)
  assert.match(nonsense.stderr, /is not a valid host name/)
  assert.match(own.stderr, /belongs to this platform/)
  for (const { code } of [taken, nonsense, own]) assert.notEqual(code, 0)
})

test('heroku certs:add and domains:update serve a certificate of one’s own', async () => {
  await type(
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30' +
      ' -keyout own.key -out own.crt -subj /CN=own.example -addext subjectAltName=DNS:own.example',
  )
  await type('heroku domains:add own.example')

  // The certificate fits a domain of the app, and the CLI would ask which to give it to.
  const added = await platform.attempt('heroku certs:add own.crt own.key </dev/null', {
    cwd: folder,
  })
  const [name = ''] = /certificate-\d+/.exec(await type('heroku certs')) ?? []
  await type(`heroku domains:update own.example --cert ${name}`)

  assert.match(added.stdout, /SSL certificate is self signed/)
  assert.equal(await status('own.example', join(folder, 'own.crt')), '200')
  assert.equal(await status('www.shop.example', bundle()), '200')
  assert.match(await type('heroku certs:info --show-domains'), /own\.example/)
  const auto = await platform.attempt('heroku certs:auto:enable -a shop')
  assert.match(auto.stderr, /heroku certs:add/)
})

test('heroku certs:remove goes back to the local authority', async () => {
  await type('heroku certs:remove --confirm shop')

  assert.equal(await status('own.example', bundle()), '200')
})

test('heroku domains:remove and domains:clear stop serving there', async () => {
  await type('heroku domains:remove own.example')
  await type('heroku domains:clear')

  const { stdout } = await platform.attempt(
    `curl -s -o /dev/null -w '%{http_code}' -H 'Host: www.shop.example' http://127.0.0.1:${platform.port}/`,
  )
  assert.equal(stdout, '404')
  assert.doesNotMatch(await type('heroku domains'), /Custom Domains/)
})
