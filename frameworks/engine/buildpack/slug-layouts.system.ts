import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cleanEnv, collect, createWorkbench, type Workbench } from '../testing.ts'

/** A slug stays as it was built: a rollback starts it in the layout of its time. */
const REPOSITORY = join(import.meta.dirname, '../../..')
const root = mkdtempSync(join(tmpdir(), 'hokku-layouts-'))
let bench: Workbench

before(async () => {
  bench = await createWorkbench()
})
after(async () => {
  await bench[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

test('a slug of today runs its own engine.ts on its own database', async () => {
  const app = newSlug('today')

  const built = await pio(app, ['build'])
  const status = await pio(app, ['status'])

  assert.match(built.stdout, /Engine rolled-back is .*engine\.ts/, built.stderr)
  assert.match(status.stdout, /Your system is all ready to go\./, status.stderr)
})

test('a slug made while postgres was a part of kit still runs', async () => {
  const app = newSlug('with-kit-postgres')
  movePostgresIntoKit(join(app, '.hokku'))

  const built = await pio(app, ['build'])
  const status = await pio(app, ['status'])

  assert.deepEqual(readdirSync(join(app, '.hokku')).toSorted(), [
    'bin',
    'engine',
    'kit',
    'node',
    'node_modules',
  ])
  assert.match(built.stdout, /Engine rolled-back is .*engine\.ts/, built.stderr)
  assert.match(status.stdout, /Your system is all ready to go\./, status.stderr)
})

/** An app with the parts that `bin/compile` puts below `.hokku`; its packages are links. */
function newSlug(name: string): string {
  const app = join(root, name)
  const parts = join(app, '.hokku')
  mkdirSync(join(parts, 'node_modules/@hokku'), { recursive: true })
  mkdirSync(join(parts, 'bin'))
  symlinkSync(realpathSync(process.execPath), join(parts, 'node'))
  symlinkSync('../engine/bin/pio', join(parts, 'bin/pio'))
  for (const [part, source] of Object.entries(PARTS)) {
    cpSync(join(REPOSITORY, source), join(parts, part), { recursive: true, filter: inSlugs })
    symlinkSync(`../../${part}`, join(parts, 'node_modules/@hokku', part))
  }
  for (const one of readdirSync(join(REPOSITORY, 'node_modules'))) {
    if (one === '@hokku') continue
    symlinkSync(join(REPOSITORY, 'node_modules', one), join(parts, 'node_modules', one))
  }
  writeFileSync(
    join(app, 'engine.json'),
    JSON.stringify({
      id: 'default',
      engineFactory: 'rolled-back',
      datasource: { params: {} },
      algorithms: [{ name: 'x', params: {} }],
    }),
  )
  writeFileSync(join(app, 'engine.ts'), ENGINE)
  return app
}

const PARTS = { engine: 'frameworks/engine', kit: 'kit', postgres: 'postgres' }

const inSlugs = (path: string): boolean =>
  !/node_modules|fixtures|\.(system|test|slow)\.ts$/.test(path.slice(REPOSITORY.length))

const ENGINE = `import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
export default defineEngine({
  query: z.object({}),
  dataSource: defineDataSource({ params: z.object({}), read: () => 1 }),
  algorithms: {
    x: defineAlgorithm({ params: z.object({}), train: () => 2, predict: () => ({ found: true }) }),
  },
})
`

/** Undoes the move: the same code at the places and under the names it had before. */
function movePostgresIntoKit(parts: string): void {
  rmSync(join(parts, 'node_modules/@hokku/postgres'))
  renameSync(join(parts, 'postgres'), join(parts, 'kit/postgres'))
  rewrite(join(parts, 'kit/postgres'), (text, depth) =>
    text.replaceAll(/'@hokku\/kit\/(\w+)'/g, (_, name) => `'${'../'.repeat(depth)}${name}.ts'`),
  )
  rewrite(join(parts, 'engine'), (text) =>
    text.replaceAll('@hokku/postgres', '@hokku/kit/postgres'),
  )
  const manifest = join(parts, 'kit/package.json')
  const json = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, string> }
  json.exports['./postgres'] = './postgres/index.ts'
  writeFileSync(manifest, JSON.stringify(json))
}

function rewrite(folder: string, change: (text: string, depth: number) => string): void {
  for (const file of globSync('**/*.ts', { cwd: folder })) {
    const path = join(folder, file)
    writeFileSync(path, change(readFileSync(path, 'utf8'), file.split('/').length))
  }
}

/** `pio` from the slug alone, on the app's database. */
const pio = (app: string, args: readonly string[]) =>
  collect(
    spawn(join(app, '.hokku/bin/pio'), args, {
      cwd: app,
      env: cleanEnv({ HOME: app, DATABASE_URL: bench.databaseUrl }),
      stdio: 'pipe',
    }),
  )
