import type { Endpoints } from '../store/index.ts'

export type Plan = Readonly<{
  /** Without the service, e.g. `essential-0`. */
  name: string
  humanName: string
  /** Names under which it is asked for as well; an add-on keeps the name it was asked for by. */
  retired?: boolean
}>

export type Service = Readonly<{
  /** e.g. `heroku-postgresql`. */
  name: string
  humanName: string
  plans: readonly Plan[]
  /** Plan of `addons:create SERVICE` without a plan. */
  defaultPlan: string
  /** Begins the names of its add-ons, e.g. `postgresql` in `postgresql-round-12345`. */
  addonPrefix: string
  /** Names of the options that `addons:create SERVICE -- --NAME VALUE` may have; none if not given. */
  options?: readonly string[]
  /** What to do instead of an option that people know from Heroku, by its name. */
  instead?: Readonly<Record<string, string>>
}>

export type Options = Readonly<Record<string, string | boolean>>

/** What an app has already that names must not collide with. */
export type Taken = Readonly<{
  attachments: readonly string[]
  configVars: readonly string[]
  /** Names under which add-ons of this very service are attached. */
  ofService: readonly string[]
}>

/**
 * One kind of add-on. A `resource` is the provider's own record of one add-on (names and passwords
 * of what it made), JSON that only the provider reads; it is stored, sealed, before anything is
 * made, so that a crash leaves nothing that cannot be found again.
 */
export type Provider = Readonly<{
  service: Service
  /** Names for a new attachment without a given name, best first; all of them are given. */
  attachmentNames: (taken: Taken) => string[]
  /** Decides what a new add-on will be: random names and passwords. Makes nothing. */
  draft: (request: Readonly<{ plan: string; options: Options }>) => unknown
  /**
   * Makes everything as `resource` and `plan` say, even if parts are there already: for a new add-on, after a
   * change of plan or password, and again after a crash.
   *
   * @returns the record as it has become, where a server has its own mind (keys that it makes);
   * undefined for the same
   * @throws Problem `addon_unavailable` that says what to install or to set
   */
  provision: (resource: unknown, plan: string) => Promise<unknown>
  /** Removes it all. What is gone already is fine. */
  deprovision: (resource: unknown) => Promise<void>
  /** The record with new passwords, to be followed by `provision`. */
  rotate: (resource: unknown, namespace: string | null) => unknown
  /**
   * Config vars of one attachment. Addresses are written as `{{endpoint:NAME}}`. Vars that do not
   * begin with the attachment's name are set only while no other attachment sets them.
   */
  configVars: (
    resource: unknown,
    attachment: Readonly<{ name: string; namespace: string | null }>,
  ) => Record<string, string>
  /** Namespaces that may be attached besides the default one, e.g. `credential:reports`. */
  namespaces: (resource: unknown) => string[]
  /** Where its servers are reached; empty before `start`. */
  endpoints: () => Endpoints
  /** Brings up what add-ons of this kind need; called when there are any. Idempotent. */
  start: () => Promise<void>
  /** Lets go of connections; stops nothing that add-ons need. */
  close: () => Promise<void>
}>
