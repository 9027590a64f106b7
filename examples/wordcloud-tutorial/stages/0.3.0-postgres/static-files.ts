import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { Refusal } from './form.ts'
import type { Answer } from './serve.ts'

const FOLDER = join(import.meta.dirname, 'static')

/** A script of ours or of the submodule. */
export async function staticFile(path: string): Promise<Answer> {
  const file = normalize(join(FOLDER, path))
  if (!file.startsWith(FOLDER) || !file.endsWith('.js')) throw new Refusal(404, 'There is no such file.')
  const body = await readFile(file).catch(() => {
    throw new Refusal(404, 'There is no such file.')
  })
  return { type: 'text/javascript', body }
}
