import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { problem } from '../../store/index.ts'
import { findInstallation, homeOf, supervisorFile, type Installation } from '../installation.ts'
import type { Command } from '../main.ts'
import { isUp, stopPlatform } from '../supervisor/platform.ts'
import { isAlive } from '@hokku/kit/process-mark'

/** `hokku down`: stops the platform of this home, dynos included; files stay. */
export const run: Command = async (args, env) => {
  parseArgs({ args, options: {} })
  const home = homeOf(env)
  const installation = findInstallation(home)
  if (installation !== undefined) {
    process.kill(installation.supervisor.pid, 'SIGTERM')
    for (let waitedMs = 0; isAlive(installation.supervisor); waitedMs += POLL_MS) {
      if (waitedMs > DOWN_MS_MAX) throw stillUp(installation)
      await sleep(POLL_MS)
    }
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

const stillUp = ({ home, supervisor }: Installation) =>
  problem('not_running', `hokku (pid ${supervisor.pid}) does not come down.`, {
    hint: `Read why in ${home.logs}/supervisor.log`,
  })

const POLL_MS = 50
/** Dynos have 30 seconds of grace, and PostgreSQL writes a checkpoint. */
const DOWN_MS_MAX = 90_000
