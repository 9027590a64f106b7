import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes a virtual environment work at another path: its programs and its configuration name the
 * path at which it was made.
 */
export function relocate(environment: string, madeAt: string): void {
  if (environment === madeAt) return
  const programs = readdirSync(join(environment, 'bin')).map((name) => join('bin', name))
  for (const name of ['pyvenv.cfg', ...programs]) {
    const file = join(environment, name)
    const { mode, size } = statSync(file)
    if (size > TEXT_BYTES_MAX) continue
    const text = readFileSync(file)
    if (!text.includes(madeAt) || text.includes(0)) continue
    writeFileSync(file, text.toString('utf8').replaceAll(madeAt, environment), { mode })
  }
}

/** Programs that pip writes are a few lines; anything larger is a binary. */
const TEXT_BYTES_MAX = 256 * 1024
