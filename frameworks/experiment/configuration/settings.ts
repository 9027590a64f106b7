import { reasonOf } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { SECTIONS, type Option } from './options.ts'
import type { Resolved, ResolvedSections } from './resolve.ts'

type Values<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never
}

/** All options of a study, read and typed: `settings.task.num_conds` is a number. */
export type Settings = {
  readonly [Key in keyof typeof SECTIONS]: Values<(typeof SECTIONS)[Key]['options']>
}

/**
 * Turns resolved texts into values.
 *
 * @throws Problem `config_invalid` that names every wrong option, its text and where it stands
 */
export function readSettings(sections: ResolvedSections): Settings {
  const faults: string[] = []
  const settings = Object.fromEntries(
    Object.entries(SECTIONS).map(([key, { title, options }]) => [
      key,
      Object.fromEntries(
        Object.entries<Option<unknown>>(options).map(([name, option]) => [
          name,
          readOption(name, option, sections.get(title)?.get(name), faults),
        ]),
      ),
    ]),
  )
  if (faults.length > 0) throw problem('config_invalid', faults.join('\n'))
  return checkRanges(settings as unknown as Settings)
}

function readOption(
  name: string,
  option: Option<unknown>,
  value: Resolved | undefined,
  faults: string[],
): unknown {
  if (value === undefined) return undefined
  try {
    return option.read(value.text)
  } catch (error) {
    const reason = reasonOf(error)
    faults.push(`${value.source}: ${name} ${reason}, not "${value.text}".`)
    return undefined
  }
}

/** Numbers that would make a study meaningless are refused at start, not found out by participants. */
function checkRanges(settings: Settings): Settings {
  const { num_conds, num_counters, cutoff_time } = settings.task
  const { approve_requirement } = settings.hit
  const wrong = [
    num_conds < 1 && 'num_conds must be at least 1.',
    num_counters < 1 && 'num_counters must be at least 1.',
    num_conds * num_counters > CELLS_MAX &&
      `num_conds x num_counters must be at most ${CELLS_MAX}.`,
    cutoff_time < 0 && 'cutoff_time must not be negative.',
    settings.hit.lifetime <= 0 && 'lifetime must be more than 0.',
    (approve_requirement < 0 || approve_requirement > 100) &&
      'approve_requirement must be 0 to 100.',
    (settings.server.loglevel < 0 || settings.server.loglevel > 4) && 'loglevel must be 0 to 4.',
    settings.server.server_timeout < 1 && 'server_timeout must be at least 1.',
    (settings.server.port < 0 || settings.server.port > 65_535) && 'port must be 0 to 65535.',
    settings.server.custom_memory < 64 && 'custom_memory must be at least 64.',
    settings.task.max_bonus < 0 && 'max_bonus must not be negative.',
    settings.server.database_connections < 1 && 'database_connections must be at least 1.',
  ].filter((sentence) => sentence !== false)
  if (wrong.length > 0) throw problem('config_invalid', wrong.join('\n'))
  return settings
}

/** More cells than any study has participants; keeps the balance count small. */
export const CELLS_MAX = 100_000
