import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFolder } from './make-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-folder-'))
after(() => rmSync(root, { recursive: true, force: true }))

test('two that make a folder at once get the same one, and nothing else is left', async () => {
  const fill = (path: string): Promise<void> => writeFile(join(path, 'made'), '')

  const made = await Promise.all([
    makeFolder(join(root, 'one'), fill),
    makeFolder(join(root, 'one'), fill),
  ])

  assert.deepEqual(made, [join(root, 'one'), join(root, 'one')])
  assert.deepEqual(readdirSync(root), ['one'])
  assert.deepEqual(readdirSync(join(root, 'one')), ['made'])
})

test('a folder that could not be filled is not there', async () => {
  const failing = makeFolder(join(root, 'two'), () => Promise.reject(new Error('disk full')))

  await assert.rejects(failing, /disk full/)
  assert.ok(!readdirSync(root).some((name) => name.startsWith('two')))
})
