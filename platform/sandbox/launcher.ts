/**
 * How the environment of an app reaches its program.
 *
 * Config vars may be called LD_PRELOAD or BASH_ENV, and between us and the app stand programs that
 * run as root (mount, bubblewrap, setpriv). So every variable travels under a prefix, which means
 * nothing to any of them, and is given its name back by the first program that runs as the app's
 * own user. That also keeps values off every command line.
 */
const PREFIX = 'HOKKU_ENV_'

/** What the programs that still run as root see. */
const ROOT_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

/** @param path PATH of the programs between us and the app */
export function packEnvironment(
  env: Readonly<Record<string, string>>,
  path = ROOT_ENV.PATH,
): Record<string, string> {
  const packed = Object.entries(env).map(([name, value]) => [PREFIX + name, value])
  return { PATH: path, ...Object.fromEntries(packed) }
}

/** Arguments for bash: restore the environment, then become `command`. Also bash 3.2 (macOS). */
export const launch = (command: readonly string[]): string[] => ['-c', RESTORE, 'hokku', ...command]

/** Names that start with two underscores are ours: no config var may. */
const RESTORE = `for __hokku in "\${!${PREFIX}@}"; do
export "\${__hokku#${PREFIX}}=\${!__hokku}"; unset "$__hokku"
done 2>/dev/null; unset __hokku; exec "$@"`
