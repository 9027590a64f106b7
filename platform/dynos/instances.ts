import { renderConfig, type DynoRecord } from '../store/index.ts'
import type { ExitStatus } from './contract.ts'
import type { DynosEffects } from './effects.ts'
import type { InstanceSpec } from './engine.ts'
import { dynoEnvironment } from './environment.ts'
import type { PortLeases } from './port-leases.ts'
import { limitsOf } from './sizes.ts'
import type { Timeouts } from './timeouts.ts'

/** What formation and one-offs share: how one dyno is started, stopped and spoken of. */
export type Instances = Readonly<{
  /** A line of the platform's about a dyno, in Heroku's words. */
  say: (dyno: Pick<DynoRecord, 'appId' | 'name'>, message: string) => void
  specOf: (
    dyno: DynoRecord,
    env?: Readonly<Record<string, string>>,
    outputFile?: string,
  ) => InstanceSpec
  /** Leases a port and notes it. */
  lease: (dyno: DynoRecord) => Promise<DynoRecord | undefined>
  start: (dyno: DynoRecord, spec: InstanceSpec) => Promise<void>
  follow: (dyno: DynoRecord, keep: boolean) => void
  /** SIGTERM, R12, SIGKILL. */
  stop: (dyno: DynoRecord) => Promise<ExitStatus | null>
  /** Reads the last of its output, says how it ended, and gives back what it held. */
  clear: (dyno: DynoRecord, exit: ExitStatus | null) => Promise<void>
}>

export function createInstances(
  effects: DynosEffects,
  ports: PortLeases,
  timeouts: Timeouts,
): Instances {
  const { store, engine, logs } = effects
  const say: Instances['say'] = ({ appId, name }, message) =>
    logs.write(appId, 'heroku', name, message)
  const follow: Instances['follow'] = ({ id, appId, name }, keep) =>
    logs.follow({ appId, id, process: name, file: engine.output(id), keep })
  return {
    say,
    follow,
    specOf(dyno, env = {}, outputFile) {
      const release = store.releases.get(dyno.releaseId)
      if (release.slugId === null) throw new TypeError(`release ${release.id} has no slug`)
      const slug = store.slugs.get(release.slugId)
      const config = renderConfig(store.releases.config(release), effects.endpoints())
      return {
        id: dyno.id,
        appId: dyno.appId,
        name: dyno.name,
        slug,
        command: dyno.command,
        limits: limitsOf(dyno.size),
        env: dynoEnvironment({
          app: store.apps.get(dyno.appId),
          release,
          slug,
          dyno: { id: dyno.id, name: dyno.name, size: dyno.size, port: dyno.port ?? 0 },
          config,
          own: env,
          domain: `${effects.domain}:${effects.port}`,
          certificatesFile: effects.certificatesFile,
        }),
        ...(outputFile !== undefined && { outputFile }),
      }
    },
    async lease(dyno) {
      const port = await ports.lease()
      const leased = store.dynos.update(dyno.id, { port })
      if (leased === undefined) ports.release(port)
      return leased
    },
    async start(dyno, spec) {
      say(dyno, `Starting process with command \`${dyno.command}\``)
      await engine.start(spec)
      follow(dyno, spec.outputFile !== undefined)
    },
    async stop(dyno) {
      say(dyno, 'Stopping all processes with SIGTERM')
      return await engine.stop(dyno.id, {
        graceMs: timeouts.stopMs,
        onGraceOver: () => {
          const seconds = Math.round(timeouts.stopMs / 1000)
          say(
            dyno,
            `Error R12 (Exit timeout) -> At least one process failed to exit within ${seconds} seconds of SIGTERM`,
          )
          say(dyno, 'Stopping remaining processes with SIGKILL')
        },
      })
    },
    async clear(dyno, exit) {
      if (!dyno.attached) await logs.unfollow(dyno.id)
      if (exit?.oom === true) {
        say(dyno, 'Error R15 (Memory quota vastly exceeded)')
        say(dyno, 'Stopping process with SIGKILL')
      }
      if (exit !== null) say(dyno, `Process exited with status ${exit.code ?? 'unknown'}`)
      if (dyno.port !== null) ports.release(dyno.port)
      await engine.remove(dyno.id)
    },
  }
}

/** How an end reads in `ps` and in what a deploy answers. */
export function reasonOf(exit: ExitStatus | null): string {
  if (exit === null) return 'Process vanished'
  if (exit.oom) return 'Memory quota vastly exceeded'
  return `Process exited with status ${exit.code ?? 'unknown'}`
}
