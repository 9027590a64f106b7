import { setImmediate } from 'node:timers/promises'
import type { AppLogs } from './app-logs.ts'
import type { Clock } from './clock.ts'
import type { FollowedOutput } from './contract.ts'
import { Output } from './output.ts'
import type { Pump } from './pump.ts'

export type OutputsEffects = Readonly<{ logs: AppLogs; pump: Pump; clock: Clock }>

/** The output files that are being followed, by id. */
export class Outputs {
  readonly #effects: OutputsEffects
  readonly #followed = new Map<string, { appId: string; output: Output }>()

  constructor(effects: OutputsEffects) {
    this.#effects = effects
  }

  has(id: string): boolean {
    return this.#followed.has(id)
  }

  follow(followed: FollowedOutput): void {
    const { logs, pump, clock } = this.#effects
    const log = logs.find(followed.appId)
    if (log === undefined || this.#followed.has(followed.id)) return
    const output = new Output(followed, log, clock)
    this.#followed.set(followed.id, { appId: followed.appId, output })
    pump.add(output)
  }

  async unfollow(id: string): Promise<void> {
    const output = this.#followed.get(id)?.output
    if (output === undefined) return
    try {
      while (output.read(true) !== 'none') await setImmediate()
    } finally {
      this.#letGo(id)
    }
  }

  removeApp(app: string): void {
    for (const [id, { appId }] of this.#followed) if (appId === app) this.#letGo(id)
  }

  #letGo(id: string): void {
    const output = this.#followed.get(id)?.output
    this.#followed.delete(id)
    if (output !== undefined) this.#effects.pump.remove(output)
  }
}
