import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { reasonOf } from '@hokku/kit/problem'
import type { RouterTable } from './contract.ts'
import type { RouteTable } from './route-table.ts'
import { encode, MessageReader, type ToPlane, type ToRouter } from './messages.ts'

export type ControlEffects = Readonly<{
  routeTable: RouteTable
  /** Puts a table on disk so that a power cut cannot take it. */
  keep: (table: RouterTable) => Promise<void>
  onTrouble: (message: string) => void
}>

/**
 * The router's end of the connection to the control plane: takes tables and drains, reports apps to
 * wake and of apps in use. Without a control plane it has no one to report to.
 */
export class ControlServer {
  readonly #effects: ControlEffects
  readonly #server: Server
  readonly #planes = new Set<Socket>()
  readonly #active = new Set<string>()
  readonly #asleep = new Set<string>()
  #newest: RouterTable | undefined
  #applying: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(effects: ControlEffects) {
    this.#effects = effects
    this.#server = createServer((socket) => this.#greet(socket))
  }

  /** @param path Unix socket; one that a dead router left is removed */
  async listen(path: string): Promise<void> {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    rmSync(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, resolve)
    })
  }

  /** An app got a request: passed on in batches. */
  active(appId: string): void {
    this.#active.add(appId)
    this.#tick()
  }

  /** An app that is asleep is waited for: said at once, and again until it has woken. */
  wake(appId: string): void {
    this.#active.add(appId)
    if (!this.#asleep.has(appId)) this.#say({ type: 'wake', appId })
    this.#asleep.add(appId)
    this.#tick()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#server.close()
    for (const plane of this.#planes) plane.destroy()
  }

  #greet(socket: Socket): void {
    const reader = new MessageReader<ToRouter>()
    this.#planes.add(socket)
    socket.on('close', () => this.#planes.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) this.#hear(message, socket)
      } catch (error) {
        this.#effects.onTrouble(`control connection closed: ${reasonOf(error)}`)
        socket.destroy()
      }
    })
    socket.write(encode({ type: 'hello', version: this.#effects.routeTable.version }))
    for (const appId of this.#asleep) socket.write(encode({ type: 'wake', appId }))
  }

  #hear(message: ToRouter, socket: Socket): void {
    if (message.type === 'table') {
      void this.#apply(message.table, socket)
    } else {
      void this.#drain(message).then(() =>
        socket.write(encode({ type: 'drained', id: message.id })),
      )
    }
  }

  /** Tables that arrive while one is being written are skipped for the newest. */
  async #apply(table: RouterTable, socket: Socket): Promise<void> {
    if (table.version > (this.#newest?.version ?? this.#effects.routeTable.version)) {
      this.#newest = table
    }
    this.#applying ??= this.#applyAll().finally(() => (this.#applying = undefined))
    await this.#applying
    if (!socket.destroyed) socket.write(encode({ type: 'applied', version: table.version }))
  }

  async #applyAll(): Promise<void> {
    for (let table = this.#newest; table !== undefined; table = this.#newest) {
      this.#newest = undefined
      try {
        await this.#effects.keep(table)
      } catch (error) {
        // Apps must move all the same; the next start gets its table from the control plane.
        this.#effects.onTrouble(`the table could not be kept: ${reasonOf(error)}`)
      }
      this.#effects.routeTable.replace(table)
    }
  }

  async #drain({ instanceIds, timeoutMs }: Extract<ToRouter, { type: 'drain' }>): Promise<void> {
    await this.#applying
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
    await Promise.race([this.#effects.routeTable.drain(instanceIds), late])
    clearTimeout(timer)
  }

  /** Runs only while there is something to tell. */
  #tick(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#report()
    }, ACTIVITY_MS)
  }

  #report(): void {
    for (const appId of this.#effects.routeTable.busyApps()) this.#active.add(appId)
    const awaited = [...this.#effects.routeTable.routes].filter(
      ({ app, isAwaited }) => isAwaited && app.state === 'asleep',
    )
    this.#asleep.clear()
    for (const { app } of awaited) {
      this.#asleep.add(app.id)
      this.#say({ type: 'wake', appId: app.id })
    }
    if (this.#active.size === 0) return
    this.#say({ type: 'activity', appIds: [...this.#active] })
    this.#active.clear()
    this.#tick()
  }

  #say(message: ToPlane): void {
    for (const plane of this.#planes) plane.write(encode(message))
  }
}

const ACTIVITY_MS = 1000
