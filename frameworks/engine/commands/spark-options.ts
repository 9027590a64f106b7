import { misuse } from '@hokku/kit/command-line'
import { problem } from '../problems.ts'

/** What we make of options that were meant for Spark. */
export type SparkOptions = Readonly<{
  /** Memory limit of the training process in MB; undefined: Node's own. */
  memoryMb: number | undefined
  /** One line for each option that has no effect here. */
  notices: readonly string[]
}>

/**
 * Reads the options after `--`. Memory settings become our limit; a cluster's `--master` is for a
 * later version; for everything else there is a notice that it has no effect.
 *
 * @param defaults what `spark-defaults.conf` and the `sparkConf` of an engine.json say, for what the
 * options leave open
 * @throws Problem `spark_unavailable` for a training on a cluster
 */
export function readSparkOptions(
  words: readonly string[],
  use: 'training' | 'serving',
  defaults: Readonly<Record<string, string>> = {},
): SparkOptions {
  const notices: string[] = []
  const memory = new Map<string, number>()
  const take = (setting: string, shown: string, value: string): void => {
    if (MEMORY.includes(setting)) memory.set(setting, megabytes(shown, value))
    else notices.push(`${shown} has no effect here: there is no Spark below.`)
  }
  for (const [setting, value] of Object.entries(defaults)) take(setting, setting, value)
  for (const [option, value] of pairs(words)) {
    const [setting = '', ofSetting = ''] = value.split(/=(.*)/s)
    if (option === '--master') notices.push(...checkMaster(value, use))
    else if (option === '--conf') take(setting, `--conf ${setting}`, ofSetting)
    else take(SETTING_OF[option] ?? '', option, value)
  }
  return { memoryMb: MEMORY.map((setting) => memory.get(setting)).find(Boolean), notices }
}

const SETTING_OF: Readonly<Record<string, string>> = {
  '--driver-memory': 'spark.driver.memory',
  '--executor-memory': 'spark.executor.memory',
}
/** The driver's goes first: it is the process that we have. */
const MEMORY = Object.values(SETTING_OF)

function* pairs(words: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const [option = '', inline] = word.split(/=(.*)/s)
    const next = words[at + 1]
    const takesNext = inline === undefined && next !== undefined && !next.startsWith('--')
    yield [option, inline ?? (takesNext ? next : '')]
    if (takesNext) at += 1
  }
}

function megabytes(option: string, value: string): number {
  const match = /^(\d+)([kmgt]?)b?$/i.exec(value)
  const unit = UNITS_MB[match?.[2]?.toLowerCase() ?? ''] ?? NaN
  const size = Math.floor(Number(match?.[1]) * unit)
  if (size >= MEMORY_MIN_MB) return size
  if (size >= 0) throw misuse(`${option} is at least ${MEMORY_MIN_MB}m, not '${value}'`)
  throw misuse(`${option} is a size like 512m or 4g, not '${value}'`)
}

const UNITS_MB: Readonly<Record<string, number>> = {
  '': 1 / (1024 * 1024),
  k: 1 / 1024,
  m: 1,
  g: 1024,
  t: 1024 * 1024,
}
/** Below this Node itself does not start. */
const MEMORY_MIN_MB = 32

function checkMaster(master: string, use: 'training' | 'serving'): string[] {
  if (master.startsWith('local')) return []
  if (use === 'serving') return [`--master ${master} has no effect on serving, which stays here.`]
  throw problem(
    'spark_unavailable',
    `Training on the Spark cluster ${master} is not part of this version yet.`,
    {
      hint: 'Leave --master out of PIO_TRAIN_SPARK_OPTS (or after --) to train here.',
    },
  )
}
