/** How hokku is to run as a service of systemd. */
export type Service = Readonly<{
  /** The launcher of hokku, an absolute path. */
  program: string
  /** After `up`, e.g. `['--port', '443']`. */
  args: readonly string[]
  home: string
  /** File with the settings, read by root alone. */
  settingsFile: string
  /** Of one person's own systemd, or of the machine's. */
  isPersonal: boolean
}>

/**
 * The unit of a service. Stopping it stops the platform as `hokku down` does; if only the supervisor
 * dies, apps keep running and the next one takes them over, so systemd may end no other process.
 */
export const unitFile = (service: Service): string => `[Unit]
Description=hokku, a Heroku of one's own (${specifiers(service.home)})
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
EnvironmentFile=${specifiers(service.settingsFile)}
ExecStart=${[service.program, 'up', ...service.args].map(word).join(' ')}
Restart=always
RestartSec=1
KillMode=process
TimeoutStopSec=120
LimitNOFILE=65536
TasksMax=infinity
OOMScoreAdjust=-500

[Install]
WantedBy=${service.isPersonal ? 'default.target' : 'multi-user.target'}
`

/** @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines */
const word = (text: string): string =>
  specifiers(`"${text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('$', '$$$$')}"`)

const specifiers = (text: string): string => text.replaceAll('%', '%%')

/**
 * The settings of the platform in this environment, for the service to have the same. What `up` takes
 * as options, and what only a person has, is left out.
 *
 * @throws TypeError names the variable whose value has more than one line
 */
export function settingsFile(env: Readonly<Record<string, string | undefined>>): string {
  const names = Object.keys(env).filter(isSetting)
  return names
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((name) => {
      const value = env[name] ?? ''
      if (/[\n\r]/.test(value)) throw new TypeError(`${name} has more than one line.`)
      return `${name}="${value.replaceAll(/["\\$\x60]/g, String.raw`\$&`)}"\n`
    })
    .join('')
}

const isSetting = (name: string): boolean =>
  (SETTINGS.test(name) && !OPTIONS.test(name)) || name === 'PATH'

const SETTINGS =
  /^(?:HOKKU_\w+|NODE_EXTRA_CA_CERTS|npm_config_(?:registry|cafile|proxy|https?_proxy|noproxy)|PIP_(?:INDEX_URL|EXTRA_INDEX_URL|CERT|TRUSTED_HOST)|UV_\w*INDEX\w*|SSL_CERT_(?:FILE|DIR)|(?:https?|no|all)_proxy)$/i
const OPTIONS = /^HOKKU_(?:PORT|DOMAIN|BIND|ANNOUNCE|BACKUP_PASSPHRASE|ENV_\w*)$/
