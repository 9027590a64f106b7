import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { OTHER_APP, until, type EngineWorld } from './world.ts'

/** What a program finds: environment, files, output, and what it must not find. */
export const programs = (world: () => EngineWorld): void => {
  describe('environment', () => {
    test('values arrive as they are, with any bytes in them', async () => {
      const value = ` two  spaces, 'quotes' "and" $(commands) \`ticks\`\nlines\tünïcode \\ * `

      const { output } = await world().run('printf %s "$VALUE"', { env: { VALUE: value } })

      assert.equal(Buffer.from(output, 'latin1').toString(), value)
    })

    test('64 kB of variables arrive', async () => {
      const env = Object.fromEntries(
        Array.from({ length: 64 }, (_, index) => [`VARIABLE_${index}`, 'x'.repeat(1000)]),
      )

      const { output } = await world().run('env | grep -c "^VARIABLE_.*xxx$"', { env })

      assert.equal(output, '64\n')
    })

    test('no value stands on a command line', async () => {
      const { engine, spec, outputs } = world()
      const secret = `secret-${process.pid}-value`
      const wanted = spec('echo ready; sleep 100', { env: { SECRET: secret } })
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      const all = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })

      await engine.kill(wanted.id)
      assert.ok(!all.includes(secret))
    })

    test('the home is the current folder', async () => {
      const { output } = await world().run(
        '[ "$(pwd -P)" = "$(cd "$HOME" && pwd -P)" ] && echo same',
      )

      assert.equal(output, 'same\n')
    })

    test('the command is one of bash: pipes, lists, expansion', async () => {
      const { output } = await world().run(
        'echo a{1,2} | tr " " "\\n" | sort -r && [[ $X == y* ]] && echo "$X"',
        { env: { X: 'yes' } },
      )

      assert.equal(output, 'a2\na1\nyes\n')
    })

    test('profile scripts of the slug come first, in order, and .profile last', async () => {
      const { makeSlug, run } = world()
      const slug = await makeSlug({
        '.profile.d/1.sh': 'export ORDER="one $FROM_CONFIG"\n',
        '.profile.d/2.sh': 'export ORDER="$ORDER two"\n',
        '.profile.d/ignored.txt': 'export ORDER=wrong\n',
        '.profile': 'export ORDER="$ORDER three"\n',
      })

      const { output } = await run('echo $ORDER', { slug, env: { FROM_CONFIG: 'config' } })

      assert.equal(output, 'one config two three\n')
    })

    test('there is nothing to read on standard input', async () => {
      const { exit, output } = await world().run('cat; echo end')

      assert.deepEqual([exit?.code, output], [0, 'end\n'])
    })
  })

  describe('files', () => {
    test('files of the slug keep their modes and links', async () => {
      const { makeSlug, run } = world()
      const slug = await makeSlug(
        { 'bin/hello': '#!/bin/sh\necho hello from $0\n' },
        'chmod 755 bin/hello; ln -s bin/hello link',
      )

      const { output } = await run('./link; readlink link', { slug })

      assert.equal(output, 'hello from ./link\nbin/hello\n')
    })

    test('an app can change its own files', async () => {
      const { makeSlug, run } = world()
      const slug = await makeSlug({ 'folder/file': 'old' }, 'true')

      const { output } = await run('echo new > folder/file; mkdir more; cat folder/file; ls', {
        slug,
      })

      assert.equal(output, 'new\nfolder\nmore\n')
    })

    test('what one instance writes, no other sees, and the slug stays as it was', async (t) => {
      const { engine, makeSlug, run } = world()
      if (!engine.can.isolation) return t.skip('plain processes share their files')
      const slug = await makeSlug({ file: 'old' }, 'true')

      await run('echo new > file; touch more', { slug })
      const { output } = await run('cat file; ls', { slug })

      assert.equal(output, 'oldfile\n')
    })

    test('there is a folder for temporary files, for each instance its own', async () => {
      const { run } = world()

      const first = await run('touch "$TMPDIR/mine" && ls "$TMPDIR"')
      const second = await run('ls "$TMPDIR"')

      assert.deepEqual([first.output, second.output], ['mine\n', ''])
    })

    test('another app’s files are out of reach', async (t) => {
      const { engine, ownUsers, spec, outputs, run } = world()
      if (!ownUsers) return t.skip('all apps run as one user')
      const wanted = spec(
        'umask 077; echo secret > "$TMPDIR/own"; pwd; echo $TMPDIR/own; sleep 100',
      )
      await engine.start(wanted)
      const [, path = ''] = await outputs(wanted.id, /(\/\S+\/own)\n/)

      const { output } = await run(`cat ${path} 2>&1`, { appId: OTHER_APP })

      await engine.kill(wanted.id)
      assert.match(output, /Permission denied|No such file/)
    })

    test('the platform’s own files are out of reach', async (t) => {
      const { ownUsers, run, secretFile } = world()
      if (!ownUsers) return t.skip('all apps run as the user of the platform')

      const { output } = await run(`cat ${secretFile} 2>&1`)

      assert.match(output, /Permission denied|No such file/)
    })

    test('another app’s processes cannot be seen or signalled', async (t) => {
      const { engine, spec, outputs, run } = world()
      if (!engine.can.isolation) return t.skip('plain processes see each other')
      const wanted = spec('echo ready; sleep 100')
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      const { output } = await run('kill -9 -1; ls /proc | grep -c "^[0-9]"', { appId: OTHER_APP })

      assert.ok(Number(output.match(/\d+/)?.[0] ?? 0) < 8, output)
      const left = (await engine.list()).find(({ id }) => id === wanted.id)
      assert.equal(left?.phase, 'running')
      await engine.kill(wanted.id)
    })

    test('a Python environment made at build time runs where it is started', async (t) => {
      const { makeSlug, run } = world()
      const script =
        '/usr/bin/python3 -m venv --without-pip .venv && printf "#!$HOME/.venv/bin/python\\nimport sys; print(sys.prefix)" > tool && chmod +x tool'
      const slug = await makeSlug({}, script).catch(() => undefined)
      if (slug === undefined) return t.skip('python3 or its venv module is missing')

      const { output } = await run(
        './tool; .venv/bin/python -c "import sys; print(sys.prefix)"; echo $HOME/.venv',
        { slug },
      )

      const [tool, python, expected] = output.split('\n')
      assert.equal(tool, expected)
      assert.equal(python, expected)
    })
  })

  describe('output', () => {
    test('both outputs are kept in order', async () => {
      const { output } = await world().run('for i in 1 2 3; do echo out $i; echo err $i >&2; done')

      assert.equal(output, 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n')
    })

    test('bytes are kept as they are: no line end, not UTF-8, NUL', async () => {
      const { output } = await world().run(`printf 'a\\xff\\x00b'`)

      assert.equal(output, 'a\xff\x00b')
    })

    test('ten megabytes are kept whole', async () => {
      const { output } = await world().run('seq 1 1400000')

      assert.equal(output.length, 10_088_896)
      assert.ok(output.endsWith('\n1399999\n1400000\n'))
    })

    test('/dev/stdout and /dev/stderr can be opened', async () => {
      const { output } = await world().run('echo one >> /dev/stdout; echo two >> /dev/stderr')

      assert.equal(output, 'one\ntwo\n')
    })

    test('output goes to the file that is asked for, after what is in it', async () => {
      const { engine, spec, ended, secretFile } = world()
      const outputFile = `${secretFile}.output`
      const wanted = spec('echo appended', { outputFile })
      await (await import('node:fs/promises')).writeFile(outputFile, 'before\n', { mode: 0o600 })

      await engine.start(wanted)
      await ended(wanted.id)

      assert.equal(engine.output(wanted.id), outputFile)
      assert.equal(readFileSync(outputFile, 'utf8'), 'before\nappended\n')
      await engine.remove(wanted.id)
      assert.equal(readFileSync(outputFile, 'utf8'), 'before\nappended\n')
    })

    test('an app whose output is not read keeps running', async () => {
      const { run } = world()

      const { exit } = await run('head -c 3000000 /dev/zero; exit 5')

      assert.equal(exit?.code, 5)
    })

    test('output is there as soon as it is written', async () => {
      const { engine, spec, outputs } = world()
      const wanted = spec('echo early; sleep 100')

      await engine.start(wanted)

      await until('early', async () => (await outputs(wanted.id, /early/)) && true)
      await engine.kill(wanted.id)
    })
  })
}
