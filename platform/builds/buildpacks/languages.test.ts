import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { isAtLeast, parseGoMod, programName } from './go/go-mod.ts'
import { loadedPackages, parsePackrat, parseRenv } from './r/packages.ts'
import { webOf } from './r/web.ts'
import { wantedRust } from './rust/toolchain.ts'
import { wantedJava } from './shared/jvm/java-version.ts'
import { chooseJdk, proxyOptions } from './shared/jvm/jdk.ts'
import { JVM_PROFILE } from './shared/jvm/profile.ts'

const files = (contents: Record<string, string>) => (name: string) => contents[name]

test('go.mod says which Go it needs, and what Heroku is to build', () => {
  const mod = parseGoMod(
    '// +heroku goVersion go1.18\n// +heroku install ./cmd/web ./cmd/worker\nmodule example.com/a/v2\n\ngo 1.22.1\n',
  )

  assert.deepEqual(mod.install, ['./cmd/web', './cmd/worker'])
  assert.equal(mod.version, '1.22.1')
  assert.equal(mod.asked, '1.18')
  assert.equal(programName(mod.module), 'a')
  assert.ok(isAtLeast('1.22.1', '1.22') && isAtLeast('1.9', '1.9.0') && !isAtLeast('1.9', '1.21'))
})

test('system.properties chooses Java, else the highest version that a build file names', () => {
  const pom = '<java.version>1.8</java.version><release>21</release><version>99</version>'

  assert.deepEqual(wantedJava(files({ 'pom.xml': pom })), { version: 21, file: 'pom.xml' })
  assert.equal(
    wantedJava(
      files({ 'pom.xml': pom, 'system.properties': 'java.runtime.version=openjdk-11.0.2' }),
    )?.version,
    11,
  )
  const gradle = 'java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }'
  assert.equal(wantedJava(files({ 'build.gradle.kts': gradle }))?.version, 17)
  assert.equal(
    wantedJava(files({ 'build.gradle': 'sourceCompatibility = JavaVersion.VERSION_1_8' }))?.version,
    8,
  )
  assert.equal(wantedJava(files({})), undefined)
})

test('an app gets its Java or the next newer one, and is declined where all are older', () => {
  const jdk = (version: number) => ({ home: '/j', version, full: String(version) })

  assert.equal(chooseJdk({ version: 11, file: 'pom.xml' }, [jdk(25), jdk(17)]).version, 17)
  assert.equal(chooseJdk(undefined, [jdk(25), jdk(17), jdk(8)]).version, 17)
  assert.throws(
    () => chooseJdk({ version: 21, file: 'pom.xml' }, [jdk(17)]),
    /pom\.xml asks for Java 21; this machine has 17\. .*openjdk-21-jdk-headless/,
  )
  assert.throws(() => chooseJdk(undefined, []), /no Java compiler on this machine/)
  assert.equal(
    proxyOptions({ https_proxy: 'http://proxy:3128' }),
    '-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128',
  )
})

test('dynos of Java find a heap for their memory, and their database as JDBC has it', () => {
  const ask = 'echo "$JAVA_TOOL_OPTIONS|$JDBC_DATABASE_URL|$SPRING_DATASOURCE_USERNAME"'
  const show = (env: Record<string, string>): string =>
    spawnSync('bash', ['-c', `${JVM_PROFILE}\n${ask}`], {
      env: { PATH: process.env['PATH'], HOME: '/app', ...env },
      encoding: 'utf8',
    }).stdout.trim()

  const [options, url, user] = show({
    MEMORY_AVAILABLE: '1024',
    DATABASE_URL: 'postgres://ada:s3cret@127.0.0.1:5432/db?sslmode=verify-ca',
  }).split('|')

  assert.match(options ?? '', /^-Xmx671m /)
  assert.equal(
    url,
    'jdbc:postgresql://127.0.0.1:5432/db?user=ada&password=s3cret&sslmode=verify-ca',
  )
  assert.equal(user, 'ada')
  assert.equal(show({ JAVA_OPTS: '-Xmx1g' }), '||')
})

test('lock files of R name exact versions, and what is not on CRAN', () => {
  const renv = {
    Packages: {
      renv: { Package: 'renv', Version: '1.0.0', Source: 'Repository' },
      glue: { Package: 'glue', Version: '1.6.2', Source: 'Repository' },
      mine: { Package: 'mine', Version: '0.1', Source: 'GitHub' },
      bad: { Package: '../bad', Version: '1', Source: 'Repository' },
    },
  }
  const packrat = 'PackratFormat: 1.4\n\nPackage: glue\nSource: CRAN\nVersion: 1.6.2\nHash: 1\n'

  assert.deepEqual(parseRenv(JSON.stringify(renv)), {
    packages: [{ name: 'glue', version: '1.6.2' }],
    foreign: ['mine (GitHub)'],
  })
  assert.deepEqual(parsePackrat(packrat).packages, [{ name: 'glue', version: '1.6.2' }])
})

test('packages that a program of R loads are found in its text', () => {
  const source = `# library(none)\nlibrary(shiny)\nrequire("plotly", quietly = TRUE)\nggplot2::ggplot(x)\n`

  assert.deepEqual(loadedPackages(source), ['shiny', 'plotly', 'ggplot2'])
  assert.match(webOf(files({ 'app.R': 'shinyApp(ui, server)' }))?.command ?? '', /shiny::runApp/)
  assert.equal(webOf(files({ 'run.R': '', 'app.R': '' }))?.command, 'Rscript run.R')
  assert.match(webOf(files({ 'plumber.R': '' }))?.command ?? '', /plumber::pr_run/)
  assert.equal(webOf(files({ 'init.R': '' })), undefined)
})

test('the Rust that an app asks for is named by one of four files', () => {
  const toml = '[toolchain]\nchannel = "1.85.0"\n'

  assert.equal(wantedRust(files({ 'rust-toolchain.toml': toml }))?.version, '1.85.0')
  assert.equal(wantedRust(files({ 'rust-toolchain': 'nightly\n' }))?.version, 'nightly')
  assert.equal(wantedRust(files({ RustConfig: 'VERSION="1.70.0"' }))?.version, '1.70.0')
  assert.equal(wantedRust(files({ 'Cargo.toml': 'rust-version = "1.80"' }))?.version, '1.80')
  assert.equal(wantedRust(files({ 'rust-toolchain': '$(x)' })), undefined)
})
