import { problem } from '../../store/index.ts'
import { nft } from './nft.ts'
import { readRuleFile, readRuleFiles, removeRuleFile, writeRuleFile } from './rule-files.ts'
import { rulesetOf, type AppNetwork, type NetworkPolicy } from './ruleset.ts'

/** Whether apps are kept apart on the network; `notice` says why not. */
export type NetworkMode = Readonly<{ kind: 'private' } | { kind: 'shared'; notice: string }>

export type NetworkOptions = Readonly<{
  /** HOKKU_HOME: what this installation wants is kept under its name. */
  root: string
  /** `strict`: servers of the machine are closed, too; `shared`: the operator wants no rules. */
  wanted: 'private' | 'strict' | 'shared'
}>

/**
 * Keeps what programs of apps may reach on this machine, by rules of the kernel's packet filter
 * that know each app by its user. The rules outlive the control plane.
 */
export class Network {
  readonly mode: NetworkMode
  readonly #root: string
  readonly #isStrict: boolean
  #policy: (() => NetworkPolicy) | undefined
  /** Users that run something although the policy does not know them yet. */
  readonly #unlisted = new Set<number>()
  #applied = ''

  constructor({ root, wanted }: NetworkOptions) {
    this.#root = root
    this.#isStrict = wanted === 'strict'
    this.mode = wanted === 'shared' ? SHARED_BY_WISH : tryRules()
    if (this.mode.kind === 'shared') removeRules(root)
  }

  /**
   * From now on the rules are as `policy` says; asked before each program of an app. Until then
   * those of an earlier control plane stand, as dynos run on with them.
   */
  follow(policy: () => NetworkPolicy): void {
    this.#policy = policy
    this.restore()
  }

  /**
   * Puts the rules in force before a program of this user runs.
   *
   * @throws Problem `network_failed`: then nothing may run
   */
  admit(uid: number): void {
    if (this.mode.kind === 'shared') return
    const policy = this.#policy?.() ?? readRuleFile(this.#root) ?? { shared: [], apps: [] }
    if (!policy.apps.some((app) => app.uid === uid)) this.#unlisted.add(uid)
    this.#apply(policy)
  }

  /** Puts the rules in force again, in case something on the machine has removed them. */
  restore(): void {
    if (this.mode.kind === 'shared' || this.#policy === undefined) return
    this.#applied = ''
    this.#apply(this.#policy())
  }

  #apply({ shared, apps }: NetworkPolicy): void {
    for (const { uid } of apps) this.#unlisted.delete(uid)
    const unlisted = [...this.#unlisted].map((uid): AppNetwork => {
      return { uid, services: [], served: [] }
    })
    const policy = { isStrict: this.#isStrict, shared, apps: [...apps, ...unlisted] }
    const text = JSON.stringify(policy)
    if (text === this.#applied) return
    writeRuleFile(this.#root, policy)
    loadRules()
    this.#applied = text
  }
}

const TABLE = 'hokku'

const SHARED_BY_WISH: NetworkMode = {
  kind: 'shared',
  notice:
    'Apps share the network of this machine (HOKKU_NETWORK=shared): each can reach the ports of the others.',
}

/** Takes away what an installation wanted of the packet filter, as `hokku down` does. */
export function removeRules(root: string): void {
  if (process.getuid?.() !== 0 || readRuleFile(root) === undefined) return
  removeRuleFile(root)
  if (readRuleFiles().length === 0) nft(['delete', 'table', 'inet', TABLE])
  // Others may be there, or have come at this moment.
  if (readRuleFiles().length > 0) loadRules()
}

/** Loads what all installations want; again if one of them changed its wishes meanwhile. */
function loadRules(): void {
  for (let loaded = ''; ;) {
    const rules = rulesetOf(TABLE, readRuleFiles())
    if (rules === loaded) return
    const failure = nft(['-f', '-'], rules)
    if (failure !== null) throw cannotLoad(failure)
    loaded = rules
  }
}

/** By loading rules without apps: kernels and containers differ in what they allow. */
function tryRules(): NetworkMode {
  const shared = (why: string): NetworkMode => ({
    kind: 'shared',
    notice: `Apps share the network of this machine (${why}): each can reach the ports of the others.`,
  })
  if (process.getuid?.() !== 0) return shared('hokku does not run as root')
  if (process.platform !== 'linux') return shared('this is not Linux')
  if (nft(['--version']) !== null) {
    return shared('nft is not installed; on Debian: apt-get install nftables')
  }
  // In a separate table, as dynos of this or another installation may run.
  const trial = `${TABLE}_trial_${process.pid}`
  const failure = nft(['-f', '-'], rulesetOf(trial, []))
  nft(['delete', 'table', 'inet', trial])
  return failure === null ? { kind: 'private' } : shared(`nft does not work here: ${failure}`)
}

const cannotLoad = (failure: string) =>
  problem('network_failed', `The rules that keep apps apart could not be loaded: ${failure}`, {
    hint: 'Look at `nft list ruleset`, or start hokku with HOKKU_NETWORK=shared.',
  })
