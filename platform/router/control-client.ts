import { connect, type Socket } from 'node:net'
import type { RoutedApp, RouterLink, RouterTable } from './contract.ts'
import { encode, MessageReader, type ToPlane, type ToRouter } from './messages.ts'

/**
 * The control plane's end of the line to the router. Connects by itself, again and again, and
 * sends the last table to every router that it finds.
 *
 * @param path the router's Unix socket
 */
export function openRouterLink(path: string): RouterLink {
  return new ControlClient(path)
}

class ControlClient implements RouterLink {
  readonly #path: string
  #socket: Socket | undefined
  #isGreeted = false
  /** Resolves when it is known whether a router runs. */
  #attempt: Promise<void> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  #version = 0
  #apps: readonly RoutedApp[] | undefined
  #drains = 0
  readonly #whenApplied = new Map<number, () => void>()
  readonly #whenDrained = new Map<number, () => void>()
  #wake: (appId: string) => void = () => {}
  #activity: (appIds: readonly string[]) => void = () => {}

  constructor(path: string) {
    this.#path = path
    this.#connect()
  }

  readonly publish = async (apps: readonly RoutedApp[]): Promise<void> => {
    this.#apps = apps
    await this.#attempt
    if (!this.#isGreeted) return
    this.#version++
    const version = this.#version
    await new Promise<void>((resolve) => {
      this.#whenApplied.set(version, resolve)
      this.#say({ type: 'table', table: { version, apps } })
    })
  }

  readonly drain = async (instanceIds: readonly string[], timeoutMs: number): Promise<void> => {
    await this.#attempt
    if (!this.#isGreeted || instanceIds.length === 0) return
    this.#drains++
    const id = this.#drains
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#whenDrained.set(id, resolve)
      this.#say({ type: 'drain', id, instanceIds, timeoutMs })
      // The router keeps the time; this is for one that hangs.
      timer = setTimeout(resolve, timeoutMs + HANG_MS)
    })
    clearTimeout(timer)
    this.#whenDrained.delete(id)
  }

  readonly onWake = (listener: (appId: string) => void): void => {
    this.#wake = listener
  }

  readonly onActivity = (listener: (appIds: readonly string[]) => void): void => {
    this.#activity = listener
  }

  readonly close = async (): Promise<void> => {
    this.#isClosed = true
    clearTimeout(this.#retry)
    const socket = this.#socket
    if (socket === undefined || socket.destroyed) return
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.destroy()
    })
  }

  #connect(): void {
    const socket = connect(this.#path)
    const reader = new MessageReader<ToPlane>()
    this.#socket = socket
    this.#attempt = new Promise((resolve) => {
      socket.once('close', resolve).once('data', () => resolve())
      setTimeout(resolve, HANG_MS).unref()
    })
    socket.on('error', () => {})
    socket.on('close', () => this.#lost())
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) this.#hear(message)
      } catch {
        socket.destroy()
      }
    })
  }

  /** Requests to a router that is gone are dropped; the next one gets the table. */
  #lost(): void {
    this.#isGreeted = false
    for (const done of this.#whenApplied.values()) done()
    for (const done of this.#whenDrained.values()) done()
    this.#whenApplied.clear()
    this.#whenDrained.clear()
    if (!this.#isClosed) this.#retry = setTimeout(() => this.#connect(), RETRY_MS)
  }

  #hear(message: ToPlane): void {
    switch (message.type) {
      case 'hello':
        return this.#greeted(message.version)
      case 'applied':
        return this.#applied(message.version)
      case 'drained':
        return this.#whenDrained.get(message.id)?.()
      case 'wake':
        return this.#wake(message.appId)
      case 'activity':
        return this.#activity(message.appIds)
    }
  }

  /** Versions continue from the router's, from any control plane. */
  #greeted(version: number): void {
    this.#isGreeted = true
    this.#version = Math.max(this.#version, version) + 1
    if (this.#apps === undefined) return
    const table: RouterTable = { version: this.#version, apps: this.#apps }
    this.#say({ type: 'table', table })
  }

  #applied(version: number): void {
    for (const [waiting, done] of this.#whenApplied) {
      if (waiting > version) continue
      this.#whenApplied.delete(waiting)
      done()
    }
  }

  #say(message: ToRouter): void {
    this.#socket?.write(encode(message))
  }
}

const RETRY_MS = 250
const HANG_MS = 2000
