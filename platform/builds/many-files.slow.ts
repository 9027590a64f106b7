import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestPlane, runHere } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

test('an app of ten thousand files is built and runs', async () => {
  const app = plane.app('many-files')
  const repository = await plane.repository({ Procfile: 'web: sleep 9\n' })
  const names = Array.from({ length: 10_000 }, (_, i) => `data/${i % 100}/${i}.txt`)
  // Straight into git: writing and adding as many files would take most of the time.
  const files = names.map((name, i) => `M 100644 inline ${name}\ndata ${String(i).length}\n${i}\n`)
  const header = 'commit refs/heads/main\ncommitter Ada <ada@example.com> 0 +0000\ndata 4\nMany\n'
  const stream = join(repository.folder, '../many.txt')
  writeFileSync(stream, `${header}from refs/heads/main^0\n${files.join('')}\n`)
  const imported = await runHere(
    ['sh', '-c', 'git fast-import --quiet < "$1"', 'sh', stream],
    repository.folder,
  )
  assert.equal(imported.code, 0, imported.output)

  const push = await repository.git('push', '--quiet', plane.remote(app), 'main')

  assert.equal(push.code, 0, push.output)
  const { output } = await plane.run(app, 'find data -type f | wc -l; cat data/99/9999.txt')
  assert.equal(output.replaceAll(/\s+/g, ' '), '10000 9999')
})
