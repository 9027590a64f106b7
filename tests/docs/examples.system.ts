import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { documented, moduleOf, PACKAGES } from './examples.ts'

const ROOT = join(import.meta.dirname, '../..')

// Below node_modules, where packages are found and nothing else looks.
const cache = join(ROOT, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'examples-'))
after(() => rmSync(folder, { recursive: true }))

test('the examples of public docstrings compile', () => {
  for (const name of PACKAGES) {
    const exported = documented(name)
    const names = [...exported.map((one) => one.name), ...(name === 'engine' ? ['z'] : [])]
    for (const one of exported) {
      writeFileSync(join(folder, `${name}-${one.name}.ts`), moduleOf(one, names))
    }
  }

  const { stdout, status } = compile()

  assert.equal(stdout, '')
  assert.equal(status, 0)
})

test('an example that is wrong does not compile', () => {
  const wrong = { package: '@hokku/engine', name: 'splitFolds', example: "splitFolds('a', 'b')" }
  writeFileSync(join(folder, 'wrong.ts'), moduleOf(wrong, ['splitFolds']))

  const { stdout, status } = compile()

  assert.match(stdout, /wrong\.ts.*error TS/)
  assert.notEqual(status, 0)
})

function compile() {
  const options = { extends: join(ROOT, 'tsconfig.json'), include: [`${folder}/*.ts`], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', cwd: ROOT })
}
