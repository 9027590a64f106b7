/** A web process that can take requests. */
export type RoutedInstance = Readonly<{
  id: string
  /** Dyno name for the log line, e.g. `web.1`. */
  dyno: string
  host: string
  port: number
}>

/**
 * What the router does with requests for an app:
 * - `live`: forward; with no instance yet, queue them (an app that is starting: H20 after 75 s)
 * - `asleep`: ask the control plane to wake it, queue meanwhile
 * - `crashed`: H10 · `stopped`: no web process, H14 · `blank`: nothing deployed, H81
 */
export type RoutedState = 'live' | 'asleep' | 'crashed' | 'stopped' | 'blank'

export type RoutedApp = Readonly<{
  id: string
  name: string
  /** All host names without port, lower case: `<app>.<domain>` and custom domains. */
  hosts: readonly string[]
  state: RoutedState
  maintenance: boolean
  maintenancePageUrl: string | null
  errorPageUrl: string | null
  instances: readonly RoutedInstance[]
  /** Whether a client stays at the instance that served it first. */
  affinity?: boolean
  /** Its own certificates for some of its hosts; the others get one of the local authority. */
  certificates?: readonly RoutedCertificate[]
}>

export type RoutedCertificate = Readonly<{
  hosts: readonly string[]
  certPem: string
  keyPem: string
}>

/** The whole of what the router knows, replaced as one. */
export type RouterTable = Readonly<{ version: number; apps: readonly RoutedApp[] }>

/** The control plane's end of the line to the router; both sides survive the other's death. */
export type RouterLink = Readonly<{
  /** Resolves when the router has the table on disk and in use, or at once if no router runs. */
  publish: (apps: readonly RoutedApp[]) => Promise<void>
  /** Resolves when no request is in flight at these instances, or after `timeoutMs`. */
  drain: (instanceIds: readonly string[], timeoutMs: number) => Promise<void>
  /** A request came for an app that is asleep. */
  onWake: (listener: (appId: string) => void) => void
  /** Apps that had a web request since the last call of the listener; about every second. */
  onActivity: (listener: (appIds: readonly string[]) => void) => void
  close: () => Promise<void>
}>
