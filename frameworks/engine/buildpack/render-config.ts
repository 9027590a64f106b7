import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderTemplate } from './config-template.ts'

// render-config.ts FROM TO: copies an engine's config/ with its *.erb files rendered.
const [from = 'config', to = '.pio-conf'] = process.argv.slice(2)
try {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const name of await readdir(from)) {
    const path = join(from, name)
    if (name.endsWith('.erb')) {
      const text = renderTemplate(await readFile(path, 'utf8'), `config/${name}`, process.env)
      await writeFile(join(to, name.slice(0, -'.erb'.length)), text, { mode: 0o600 })
    } else await copyFile(path, join(to, name))
  }
} catch (error) {
  const { message, hint } = error as Error & { hint?: string }
  console.error([message, hint].filter(Boolean).join('\n'))
  process.exitCode = 1
}
