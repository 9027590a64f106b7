import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findInstallation, homeOf, supervisorFile } from '../installation.ts'
import type { Command } from '../main.ts'
import { isUp, stopPlatform } from '../supervisor/platform.ts'
import { isAlive } from '../supervisor/process-mark.ts'

/** `hokku down`: stops the platform of this home, dynos included; files stay. */
export const run: Command = async (args, env) => {
  parseArgs({ args, options: {} })
  const home = homeOf(env)
  const installation = findInstallation(home)
  if (installation !== undefined) {
    process.kill(installation.supervisor.pid, 'SIGTERM')
    while (isAlive(installation.supervisor)) await sleep(POLL_MS)
  } else if (isUp(home, 'control-plane') || isUp(home, 'router')) {
    // The supervisor was killed; what it had started goes on without it.
    await stopPlatform(home, console.log)
    await rm(supervisorFile(home), { force: true })
  } else {
    console.log('hokku is not running.')
    return 0
  }
  console.log('hokku is down. Everything is kept in', home.root)
  return 0
}

const POLL_MS = 50
