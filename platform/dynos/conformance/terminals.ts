import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { buffer, text } from 'node:stream/consumers'
import type { AttachedProcess, InstanceSpec, TerminalSize } from '../engine.ts'
import { fixtures, until, type EngineWorld } from './world.ts'

const SIZE: TerminalSize = { columns: 91, rows: 27 }

/** Programs with a client at their standard streams. */
export const terminals = (world: () => EngineWorld): void => {
  const attach = async (
    command: string,
    size: TerminalSize | null,
    more: Partial<InstanceSpec> = {},
  ) => {
    const { engine, spec } = world()
    const wanted = spec(command, { env: { TERM: 'xterm' }, ...more })
    return { ...(await engine.attach(wanted, size)), id: wanted.id }
  }
  /** Collects output, so that a test can wait for parts of it. */
  const collect = (program: AttachedProcess): { seen: string } => {
    const all = { seen: '' }
    program.output.on('data', (chunk: Buffer) => (all.seen += chunk.toString('latin1')))
    return all
  }
  const wait = async (all: { seen: string }, pattern: RegExp): Promise<void> =>
    void (await until(`${pattern}`, async () => (pattern.test(all.seen) ? true : undefined)))

  describe('with a terminal', () => {
    test('the program sees a terminal of the client’s size', async () => {
      const program = await attach('test -t 0 -a -t 1 -a -t 2 && stty size', SIZE)

      assert.equal(await text(program.output), '27 91\r\n')
      assert.equal((await program.ended).code, 0)
    })

    test('the exit status of the program comes back', async () => {
      const program = await attach('exit 42', SIZE)
      program.output.resume()

      assert.equal((await program.ended).code, 42)
    })

    test('all of the output arrives, also when the program ends at once', async () => {
      const program = await attach('seq 1 30000', SIZE)

      const lines = (await text(program.output)).split('\r\n')

      assert.equal(lines.length, 30_001)
      assert.equal(lines.at(-2), '30000')
    })

    test('Ctrl-C interrupts what runs, not the session', async () => {
      const program = await attach('bash --norc', SIZE)
      const all = collect(program)
      await wait(all, /\$ /)

      program.input.write('sleep 100\n')
      await wait(all, /sleep 100\r\n/)
      await new Promise((resolve) => setTimeout(resolve, 300))
      program.input.write('\x03')
      await wait(all, /\^C[^]*\$ /)
      program.input.write('echo status $?; exit 3\n')

      assert.equal((await program.ended).code, 3)
      assert.match(all.seen, /status 130/)
    })

    test('a program that handles Ctrl-C lives on', async () => {
      const { makeSlug } = world()
      const slug = await makeSlug(fixtures('interrupted.py'))
      const program = await attach('/usr/bin/python3 interrupted.py', SIZE, { slug })
      const all = collect(program)
      await wait(all, /ready/)

      program.input.write('\x03')
      await wait(all, /caught/)
      program.input.write('hello\n')

      assert.equal((await program.ended).code, 0)
      assert.match(all.seen, /got hello/)
    })

    test('Ctrl-D ends the input', async () => {
      const program = await attach('cat; echo end', SIZE)
      const all = collect(program)

      program.input.write('line\n\x04')

      await program.ended
      assert.match(all.seen, /line\r\nline\r\nend/)
    })

    test('a client that leaves ends the shell', async () => {
      const program = await attach('bash --norc -i', SIZE)
      const all = collect(program)
      await wait(all, /\$ /)

      program.hangUp()

      assert.notEqual((await program.ended).code, 0)
    })
  })

  describe('without a terminal', () => {
    test('the program sees none', async () => {
      const program = await attach('test -t 0 || test -t 1 || echo none', null)
      program.input.end()

      assert.equal(await text(program.output), 'none\n')
    })

    test('a megabyte of any bytes goes in and comes out as it was', async () => {
      const data = randomBytes(1024 * 1024)
      const program = await attach('cat', null)

      program.input.end(data)

      const back = await buffer(program.output)
      assert.equal(hash(back), hash(data))
      assert.equal((await program.ended).code, 0)
    })

    test('standard error comes along', async () => {
      const program = await attach('echo out; echo err >&2; exit 6', null)
      program.input.end()

      assert.equal(await text(program.output), 'out\nerr\n')
      assert.equal((await program.ended).code, 6)
    })

    test('a slow client slows the program, not the platform', async () => {
      const program = await attach('head -c 20000000 /dev/zero; echo done', null)
      program.input.end()
      await new Promise((resolve) => setTimeout(resolve, 300))

      assert.ok(program.output.readableLength < 1_000_000)
      assert.equal((await buffer(program.output)).length, 20_000_005)
    })

    test('hanging up ends the program', async () => {
      const program = await attach('echo ready; sleep 100', null)
      const all = collect(program)
      await wait(all, /ready/)

      program.hangUp()

      assert.equal((await program.ended).signal, 'SIGHUP')
    })
  })

  test('an attached program starts in its home too', async () => {
    const same = '[ "$(pwd -P)" = "$(cd "$HOME" && pwd -P)" ] && echo same'
    for (const size of [SIZE, null]) {
      const program = await attach(same, size)
      program.input.end()

      assert.equal((await text(program.output)).trim(), 'same')
    }
  })

  test('an attached program is listed as such while it runs', async () => {
    const { engine } = world()
    const program = await attach('cat', null)

    const found = (await engine.list()).find(({ id }) => id === program.id)

    assert.deepEqual([found?.phase, found?.attached], ['running', true])
    program.input.end()
    program.output.resume()
    await program.ended
  })
}

const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
