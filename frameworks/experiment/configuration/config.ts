import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve as resolvePath } from 'node:path'
import { parseDotenv } from './dotenv.ts'
import { parseIni, type IniFile } from './ini.ts'
import { isOnCloud, resolve, type ResolvedSections } from './resolve.ts'
import { readSettings, type Settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A study as it is on disk, with everything that was configured about it. */
export type Study = Readonly<{
  /** Absolute path of the folder with `config.txt`. */
  directory: string
  settings: Settings
  /** All texts, also of options that only the study's own code knows. */
  sections: ResolvedSections
  warnings: readonly string[]
  isOnCloud: boolean
  /** The process's environment with the study's `.env` beneath it. */
  env: Environment
}>

/**
 * Reads a study's configuration: `.env` (from the folder upwards), `.psiturkconfig`, `config.txt`
 * and the environment.
 *
 * @throws Problem `config_invalid` with file and line
 */
export function readStudy(directory: string, processEnv: Environment): Study {
  const folder = resolvePath(directory)
  const env = { ...readDotenv(folder), ...processEnv }
  const home = env['PSITURK_GLOBAL_CONFIG_LOCATION'] || env['HOME'] || homedir()
  const { sections, warnings } = resolve({
    env,
    userFile: readIni(join(home, '.psiturkconfig')),
    projectFile: readIni(join(folder, 'config.txt'), 'config.txt'),
  })
  const settings = readSettings(sections)
  return { directory: folder, settings, sections, warnings, isOnCloud: isOnCloud(env), env }
}

function readIni(path: string, name = path): IniFile | undefined {
  const text = readIfThere(path)
  return text === undefined ? undefined : parseIni(text, name)
}

function readDotenv(folder: string): Record<string, string> {
  const text = readIfThere(join(folder, '.env'))
  if (text !== undefined) return parseDotenv(text)
  const parent = dirname(folder)
  return parent === folder ? {} : readDotenv(parent)
}

/** @returns undefined if the file is not there; anything else that hinders reading is thrown */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw error
  }
}
