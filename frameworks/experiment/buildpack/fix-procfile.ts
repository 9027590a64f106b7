import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideWeb } from './web-line.ts'

/** Run by `bin/compile` in the app's folder: the `web` line of its Procfile starts the study. */
const PATH = 'Procfile'

/** A script or a Python file is smaller; a device has no size. */
const FILE_BYTES_MAX = 100_000

function readText(path: string): string | undefined {
  try {
    const status = statSync(join('.', path))
    return status.isFile() && status.size <= FILE_BYTES_MAX ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}

const text = readText(PATH) ?? ''
const command = /^web[ \t]*:[ \t]*(.*?)[ \t\r]*$/m.exec(text)?.[1]
const decision = command === undefined ? ({ do: 'keep' } as const) : decideWeb(command, readText)
if (decision.do === 'replace') {
  console.log(` !     Procfile: ${decision.reason}; "psiturk serve" runs instead.`)
  writeFileSync(PATH, text.replace(/^web[ \t]*:.*$/m, 'web: psiturk serve'))
}
if (decision.do === 'refuse') {
  console.log(` !     Procfile: ${decision.reason}.`)
  console.log(' !     Write "web: psiturk serve", which serves the study with its custom.py.')
  process.exitCode = 1
}
