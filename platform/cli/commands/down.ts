import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineCommand } from '@hokku/kit/command-line'
import { isAlive } from '@hokku/kit/process-mark'
import { problem } from '../../store/index.ts'
import { findInstallation, homeOf, supervisorFile, type Installation } from '../installation.ts'
import { isUp, stopPlatform } from '../supervisor/platform.ts'

export const command = defineCommand({
  summary: 'Stops the platform and all dynos; apps and data stay on disk.',
  run: (_call, env: NodeJS.ProcessEnv) => stop(env),
})

async function stop(env: NodeJS.ProcessEnv): Promise<number> {
  const home = homeOf(env)
  const installation = findInstallation(home)
  if (installation !== undefined) {
    process.kill(installation.supervisor.pid, 'SIGTERM')
    for (let waitedMs = 0; isAlive(installation.supervisor); waitedMs += POLL_MS) {
      if (waitedMs > DOWN_MS_MAX) throw stillUp(installation)
      await sleep(POLL_MS)
    }
  } else if (isUp(home, 'control-plane') || isUp(home, 'router')) {
    // The supervisor was killed; what it had started continues without it.
    await stopPlatform(home, console.log)
    await rm(supervisorFile(home), { force: true })
  } else {
    console.log('hokku is not running.')
    return 0
  }
  console.log('hokku is stopped. Your data is in', home.root)
  return 0
}

const stillUp = ({ home, supervisor }: Installation) =>
  problem('not_running', `hokku (pid ${supervisor.pid}) does not stop.`, {
    hint: `See ${home.logs}/supervisor.log for the reason.`,
  })

const POLL_MS = 50
/** Dynos have 30 seconds of grace, and PostgreSQL writes a checkpoint. */
const DOWN_MS_MAX = 90_000
