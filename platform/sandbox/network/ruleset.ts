/** What one app may reach on this machine, and where it may be reached. */
export type AppNetwork = Readonly<{
  uid: number
  /** Ports of the servers of its add-ons. */
  services: readonly number[]
  /** Ports of its dynos, on which the router may reach them. */
  served: readonly number[]
}>

export type NetworkPolicy = Readonly<{
  /** Whether servers of this machine, too, are closed to apps that do not have them as add-ons. */
  isStrict?: boolean | undefined
  /** Ports that every app may reach: the router, and what the operator opens. */
  shared: readonly number[]
  apps: readonly AppNetwork[]
}>

/**
 * The rules of nftables that keep apps apart, as one transaction that replaces earlier ones.
 *
 * A connection is judged by its first answer, where both ends are known: the mark of the connection
 * holds the user who asked, and the kernel says whose socket answers. So an app may listen on any
 * port for its own programs, and none can answer on a port that belongs to another. A connection
 * that is refused has mark 1: its next SYN, a second later, is answered with "refused". Connections
 * that stand are left alone when the rules change.
 *
 * @param policies of all installations of the machine: an app restored into a second one has the
 * same user there
 */
export function rulesetOf(table: string, policies: readonly NetworkPolicy[]): string {
  const apps = policies.flatMap((policy) => policy.apps)
  const shared = policies.flatMap((policy) => policy.shared)
  const pairs = (of: 'services' | 'served'): string[] =>
    apps.flatMap((app) => app[of].map((port) => `${app.uid} . ${port}`))
  const uids = apps.map(({ uid }) => uid)
  const sets = [
    set('set apps { type uid;', uids.map(String)),
    set(
      'map marks { type uid : mark;',
      uids.map((uid) => `${uid} : ${uid}`),
    ),
    set(
      'set own { type mark . uid;',
      uids.map((uid) => `${uid} . ${uid}`),
    ),
    set('set services { type mark . inet_service;', pairs('services')),
    set('set served { type uid . inet_service;', pairs('served')),
    set('set shared { type inet_service;', shared.map(String)),
  ]
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
${sets.join('\n')}
${DENY}
${policies.some(({ isStrict }) => isStrict === true) ? STRICT : OPEN}
${CHAINS}
}
`
}

function set(head: string, elements: readonly string[]): string {
  const unique = [...new Set(elements)]
  return `${head}${unique.length === 0 ? '' : ` elements = { ${unique.join(', ')} };`} }`
}

/** Servers of the machine answer the apps that have them as add-ons, and the router all. */
const STRICT = `chain answers_of_servers {
  tcp sport @shared accept
  ct mark . tcp sport @services accept
  jump deny
}`

/** Servers of the machine answer all apps, which then need credentials: people name them in files. */
const OPEN = `chain answers_of_servers {
  accept
}`

/** 169.254.169.254 gives away the machine's own credentials in most clouds. */
const DENY = `chain deny {
  ct mark set 1
  meta l4proto tcp reject with tcp reset
  drop
}`

const CHAINS = `chain output {
  type filter hook output priority filter; policy accept;
  tcp flags & (syn | ack) == syn ct mark 1 reject with tcp reset
  tcp flags & syn == 0 ct state established accept
  ct direction reply jump answers
  meta skuid @apps ct direction != reply jump asks
  meta skuid @apps ct state invalid,untracked jump asks
}
chain asks {
  ip daddr 169.254.169.254 reject
  fib daddr type != local accept
  meta l4proto { icmp, icmpv6 } accept
  meta l4proto udp th dport 53 accept
  meta l4proto != tcp reject
  ct mark set meta skuid map @marks
}
chain answers {
  meta skuid @apps jump answers_of_apps
  ct mark 0 accept
  meta l4proto != tcp accept
  tcp flags & rst == rst accept
  jump answers_of_servers
}
chain answers_of_apps {
  fib daddr type != local drop
  ct mark . meta skuid @own accept
  ct mark 0 meta skuid . tcp sport @served accept
  jump deny
}`
