import { after, before, describe } from 'node:test'
import { endings } from './endings.ts'
import { lifecycle } from './lifecycle.ts'
import { programs } from './programs.ts'
import { survival } from './survival.ts'
import { terminals } from './terminals.ts'
import { openEngineWorld, type EngineSubject, type EngineWorld } from './world.ts'

/** What every engine must do alike: the platform above relies on no more, and on no less. */
export function describeEngine(name: string, subject: () => Promise<EngineSubject>): void {
  describe(`engine ${name}`, () => {
    let world: EngineWorld | undefined
    const opened = (): EngineWorld => {
      if (world === undefined) throw new Error('the engine was not opened')
      return world
    }
    before(async () => {
      world = await openEngineWorld(await subject())
    })
    after(async () => await world?.close())
    for (const part of [lifecycle, endings, programs, terminals, survival]) part(opened)
  })
}
