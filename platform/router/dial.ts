import type { AppRoute } from './app-route.ts'
import { chooseInstance } from './choose-instance.ts'
import { Connection, openSocket } from './connection.ts'
import type { HCode } from './h-codes.ts'
import { LIMITS, type TimeLimits } from './limits.ts'
import type { Upstream } from './upstream.ts'

/** A connection to a server that counts the request as under way: `upstream.leave()` must follow. */
export type Dialed = Readonly<{ upstream: Upstream; connection: Connection; connectMs: number }>

export type DialEffects = Readonly<{
  limits: TimeLimits
  /** Epoch milliseconds. */
  now: () => number
  random: () => number
  /** Asks for an app that is asleep to be started. */
  wake: (appId: string) => void
}>

/** How a search for a server ended: with a connection, or with the answer for the client. */
export type DialResult = Dialed | Readonly<{ code: HCode; dyno: string | null }>

/**
 * Finds a dyno of an app that takes a connection: waits while the app starts, tries another dyno
 * where one refuses. Nothing of the request has been sent when this is done, so that trying again
 * is always safe; it is the only thing that the router ever tries again.
 *
 * @param options.prefer the instance that is taken if it is there and willing
 * @param options.reuse whether a connection that served before will do
 * @param done called once, perhaps at once
 * @returns gives up
 */
export function dialApp(
  route: AppRoute,
  options: { reuse: boolean; prefer?: string | undefined },
  effects: DialEffects,
  done: (result: DialResult) => void,
): () => void {
  const tried = new Set<Upstream>()
  let giveUp: () => void = () => {}
  let failed: { code: HCode; dyno: string } | undefined

  const proceed = (): void => {
    const { verdict } = route
    if (verdict === 'forward') attempt()
    else if (verdict === 'wait') giveUp = waitFor(route, effects, proceed, fail)
    else fail(verdict)
  }
  const attempt = (): void => {
    const fresh =
      tried.size === 0 ? route.upstreams : route.upstreams.filter((one) => !tried.has(one))
    const upstream =
      fresh.find((one) => isPreferred(one, options.prefer, effects.now())) ??
      chooseInstance(fresh, effects.now(), effects.random)
    if (upstream === undefined) return done(failed ?? { code: 'H21', dyno: null })
    if (upstream.inFlight >= LIMITS.requestsPerDynoMax) {
      return done({ code: 'H22', dyno: upstream.dyno })
    }
    giveUp = connectTo(upstream, options, effects, done, (failure) => {
      upstream.refusedUntil = effects.now() + LIMITS.refusedMs
      tried.add(upstream)
      failed = { code: failure === 'ETIMEDOUT' ? 'H19' : 'H21', dyno: upstream.dyno }
      proceed()
    })
  }
  const fail = (code: HCode): void => done({ code, dyno: null })
  proceed()
  return () => giveUp()
}

const isPreferred = (one: Upstream, id: string | undefined, nowMs: number): boolean =>
  one.id === id && one.refusedUntil <= nowMs

/** Counts the request in and connects; out again if that fails. */
function connectTo(
  upstream: Upstream,
  options: { reuse: boolean },
  effects: Pick<DialEffects, 'now' | 'limits'>,
  done: (dialed: Dialed) => void,
  refused: (failure: string) => void,
): () => void {
  upstream.enter()
  const idle = options.reuse ? upstream.takeIdle() : undefined
  if (idle !== undefined) {
    done({ upstream, connection: idle, connectMs: 0 })
    return () => {}
  }
  const startedMs = effects.now()
  const abandon = openSocket(upstream.address, effects.limits.connectMs, (result) => {
    if ('socket' in result) {
      const connection = new Connection(upstream, result.socket)
      done({ upstream, connection, connectMs: effects.now() - startedMs })
    } else {
      upstream.leave()
      refused(result.failure)
    }
  })
  return () => {
    abandon()
    upstream.leave()
  }
}

/** In line until the app has an instance, it turns out that it never will, or time is up. */
function waitFor(
  route: AppRoute,
  effects: DialEffects,
  go: () => void,
  fail: (code: HCode) => void,
): () => void {
  const timer = setTimeout(() => {
    leave?.()
    fail('H20')
  }, effects.limits.bootMs)
  const leave = route.wait({
    go: () => {
      clearTimeout(timer)
      go()
    },
    fail: (code) => {
      clearTimeout(timer)
      fail(code)
    },
  })
  if (leave === undefined) {
    clearTimeout(timer)
    fail('H11')
    return () => {}
  }
  if (route.app.state === 'asleep') effects.wake(route.app.id)
  return () => {
    clearTimeout(timer)
    leave()
  }
}

/**
 * Connects to the control plane, and holds the request while that restarts.
 *
 * @param options.patienceMs how long to wait for it to come back
 * @param done with nothing when it did not come back in time
 */
export function dialControlPlane(
  plane: Upstream,
  options: { reuse: boolean; patienceMs: number },
  effects: Pick<DialEffects, 'now' | 'limits'>,
  done: (dialed: Dialed | undefined) => void,
): () => void {
  const deadlineMs = effects.now() + options.patienceMs
  let giveUp: () => void = () => {}
  const attempt = (): void => {
    giveUp = connectTo(plane, options, effects, done, () => {
      if (effects.now() >= deadlineMs) return done(undefined)
      const timer = setTimeout(attempt, LIMITS.planeRetryMs)
      giveUp = () => clearTimeout(timer)
    })
  }
  attempt()
  return () => giveUp()
}
