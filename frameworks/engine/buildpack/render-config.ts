import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTemplate } from './config-template.ts'

// render-config.ts FROM TO: copies an engine's config/ with its *.erb files rendered. Without TO it
// only checks them: a build does not know the values yet.
const [from = 'config', to] = process.argv.slice(2)
try {
  if (to !== undefined) await mkdir(to, { recursive: true, mode: 0o700 })
  for (const name of await readdir(from)) {
    const path = join(from, name)
    if (name.endsWith('.erb')) {
      const render = parseTemplate(await readFile(path, 'utf8'), `config/${name}`)
      if (to === undefined) continue
      const file = join(to, name.slice(0, -'.erb'.length))
      await writeFile(file, render(process.env), { mode: 0o600 })
    } else if (to !== undefined) await copyFile(path, join(to, name))
  }
} catch (error) {
  const { message, hint } = error as Error & { hint?: string }
  console.error([message, hint].filter(Boolean).join('\n'))
  process.exitCode = 1
}
