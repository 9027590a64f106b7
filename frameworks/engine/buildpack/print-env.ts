import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'

// print-env.ts FILE: the variables of a .env file as shell lines; quotes, blanks and comments work.
const [path = '.env'] = process.argv.slice(2)
const text = await readFile(path, 'utf8').catch(() => '')
for (const [name, value] of Object.entries(parseEnv(text))) {
  if (/^[A-Za-z_]\w*$/.test(name)) {
    console.log(`export ${name}='${(value ?? '').replaceAll("'", String.raw`'\''`)}'`)
  }
}
