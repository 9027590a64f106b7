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

export const createInstances = (
  effects: DynosEffects,
  ports: PortLeases,
  timeouts: Timeouts,
): Instances => new EngineInstances(effects, ports, timeouts)

class EngineInstances implements Instances {
  readonly #effects: DynosEffects
  readonly #ports: PortLeases
  readonly #timeouts: Timeouts

  constructor(effects: DynosEffects, ports: PortLeases, timeouts: Timeouts) {
    this.#effects = effects
    this.#ports = ports
    this.#timeouts = timeouts
  }

  say({ appId, name }: Pick<DynoRecord, 'appId' | 'name'>, message: string): void {
    this.#effects.logs.write(appId, 'heroku', name, message)
  }

  specOf(
    dyno: DynoRecord,
    own: Readonly<Record<string, string>> = {},
    outputFile?: string,
  ): InstanceSpec {
    const { store, endpoints, domain, port, certificatesFile } = this.#effects
    const release = store.releases.get(dyno.releaseId)
    if (release.slugId === null) throw new TypeError(`release ${release.id} has no slug`)
    const slug = store.slugs.get(release.slugId)
    const env = dynoEnvironment({
      app: store.apps.get(dyno.appId),
      release,
      slug,
      metadata: store.features.isEnabled(
        { kind: 'app', id: dyno.appId },
        'runtime-dyno-metadata',
        true,
      ),
      dyno: { id: dyno.id, name: dyno.name, size: dyno.size, port: dyno.port ?? 0 },
      config: renderConfig(store.releases.config(release), endpoints()),
      own,
      domain: `${domain}:${port}`,
      certificatesFile,
    })
    const { id, appId, name, command, size } = dyno
    const spec = { id, appId, name, slug, command, limits: limitsOf(size), env }
    return outputFile === undefined ? spec : { ...spec, outputFile }
  }

  async lease({ id }: DynoRecord): Promise<DynoRecord | undefined> {
    const port = await this.#ports.lease()
    const leased = this.#effects.store.dynos.update(id, { port })
    if (leased === undefined) this.#ports.release(port)
    return leased
  }

  async start(dyno: DynoRecord, spec: InstanceSpec): Promise<void> {
    this.say(dyno, `Starting process with command \`${dyno.command}\``)
    await this.#effects.engine.start(spec)
    this.follow(dyno, spec.outputFile !== undefined)
  }

  follow({ id, appId, name }: DynoRecord, keep: boolean): void {
    const { logs, engine } = this.#effects
    logs.follow({ appId, id, process: name, file: engine.output(id), keep })
  }

  async stop(dyno: DynoRecord): Promise<ExitStatus | null> {
    const { stopMs } = this.#timeouts
    this.say(dyno, 'Stopping all processes with SIGTERM')
    return await this.#effects.engine.stop(dyno.id, {
      graceMs: stopMs,
      onGraceOver: () => {
        const timeout = `At least one process failed to exit within ${Math.round(stopMs / 1000)} seconds of SIGTERM`
        this.say(dyno, `Error R12 (Exit timeout) -> ${timeout}`)
        this.say(dyno, 'Stopping remaining processes with SIGKILL')
      },
    })
  }

  async clear(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    const { logs, engine } = this.#effects
    if (!dyno.attached) await logs.unfollow(dyno.id)
    if (exit?.oom === true) {
      this.say(dyno, 'Error R15 (Memory quota vastly exceeded)')
      this.say(dyno, 'Stopping process with SIGKILL')
    }
    if (exit !== null) this.say(dyno, `Process exited with status ${exit.code ?? 'unknown'}`)
    if (dyno.port !== null) this.#ports.release(dyno.port)
    await engine.remove(dyno.id)
  }
}

/** How an end reads in `ps` and in what a deploy answers. */
export function reasonOf(exit: ExitStatus | null): string {
  if (exit === null) return 'Process vanished'
  if (exit.oom) return 'Memory quota vastly exceeded'
  return `Process exited with status ${exit.code ?? 'unknown'}`
}
