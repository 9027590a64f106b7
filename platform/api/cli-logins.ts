import { randomUUID } from 'node:crypto'
import { newSecret, sameSecret } from '../store/index.ts'

/** A command line that waits for a person to let it in. */
export type CliLogin = Readonly<{ id: string; description: string; address: string; at: Date }>

/** How a login ended, in the words that the CLI reads. */
export type CliLoginOutcome = Readonly<{ access_token: string }> | Readonly<{ error: string }>

type Pending = CliLogin & {
  secret: string
  outcome: CliLoginOutcome | undefined
  settled: PromiseWithResolvers<void>
}

/**
 * Logins that were begun on a command line and wait for a browser. They are over within minutes, so
 * they are not kept on disk: after a restart one types `heroku login` again.
 */
export class CliLogins {
  readonly #pending = new Map<string, Pending>()
  readonly #now: () => Date

  constructor(now = () => new Date()) {
    this.#now = now
  }

  /** @returns the id is for the browser, the secret for the command line alone */
  begin(description: string, address: string): { id: string; secret: string } {
    this.#forgetOld()
    this.#makeRoom(address)
    const id = randomUUID()
    const secret = newSecret()
    const settled = Promise.withResolvers<void>()
    const login = { id, description, address, at: this.#now() }
    this.#pending.set(id, { ...login, secret, outcome: undefined, settled })
    return { id, secret }
  }

  /** A login that waits for a decision. */
  find(id: string): CliLogin | undefined {
    this.#forgetOld()
    const login = this.#pending.get(id)
    return login?.outcome === undefined ? login : undefined
  }

  decide(id: string, outcome: CliLoginOutcome): void {
    const login = this.#pending.get(id)
    if (login === undefined || login.outcome !== undefined) return
    login.outcome = outcome
    login.settled.resolve()
  }

  /** The login that a command line holds the secret of. */
  held(id: string, secret: string): Pending | undefined {
    this.#forgetOld()
    const login = this.#pending.get(id)
    return login !== undefined && sameSecret(login.secret, secret) ? login : undefined
  }

  #forgetOld(): void {
    const isOld = ({ at }: Pending): boolean => this.#now().getTime() - at.getTime() > LOGIN_MS
    for (const login of [...this.#pending.values()].filter(isOld)) this.#forget(login)
  }

  /** One address cancels its own logins only, until very many addresses ask. */
  #makeRoom(address: string): void {
    const all = [...this.#pending.values()]
    const own = all.filter((login) => login.address === address)
    if (own.length >= PENDING_OF_ADDRESS_MAX) this.#forget(own[0])
    else if (all.length >= PENDING_MAX) this.#forget(all[0])
  }

  #forget(login: Pending | undefined): void {
    if (login === undefined) return
    this.decide(login.id, { error: 'The login was not confirmed in time. Please try again.' })
    this.#pending.delete(login.id)
  }
}

/** Time to find the browser, sign in and confirm. */
export const LOGIN_MS = 10 * 60_000

/** Anyone may begin a login. People behind one address share what it has. */
const PENDING_OF_ADDRESS_MAX = 20
const PENDING_MAX = 2000
