import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { NetworkPolicy } from './ruleset.ts'

/**
 * What each installation of this machine wants of the packet filter, one file each. They go with
 * the rules when the machine restarts.
 */
const FOLDER = '/run/hokku-network'

const RuleFile = z.object({
  root: z.string(),
  isStrict: z.boolean().optional(),
  shared: z.array(z.int()),
  apps: z.array(z.object({ uid: z.int(), services: z.array(z.int()), served: z.array(z.int()) })),
})

export function writeRuleFile(root: string, policy: NetworkPolicy): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  const file = fileOf(root)
  writeFileSync(`${file}.new`, JSON.stringify({ root, ...policy }), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeRuleFile(root: string): void {
  rmSync(fileOf(root), { force: true })
}

/** What an earlier control plane of this installation wanted. */
export const readRuleFile = (root: string): NetworkPolicy | undefined => parse(fileOf(root))

/** What all want; the file of an installation whose folder is gone is removed. */
export function readRuleFiles(): NetworkPolicy[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const policy = parse(join(FOLDER, name))
      if (policy !== undefined && existsSync(policy.root)) return [policy]
      rmSync(join(FOLDER, name), { force: true })
      return []
    })
}

const fileOf = (root: string): string =>
  join(FOLDER, `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)

function parse(file: string): z.infer<typeof RuleFile> | undefined {
  try {
    return RuleFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
