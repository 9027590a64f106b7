import { join } from 'node:path'

/** Where the files of one installation lie; everything is below `root`. */
export type Home = Readonly<{
  root: string
  /** SQLite file with the platform's state. */
  database: string
  /** Key that seals config values, 0600, outside of backups. */
  key: string
  /** The owner's API token, 0600. */
  token: string
  /** Certificate authority and leaf certificates. */
  certificates: string
  /** Sockets, pid files, the router's last table: nothing in it outlives its process. */
  run: string
  /** Logs of the platform's own processes, and of apps under `logs/apps/<app id>`. */
  logs: string
  /** `apps/<app id>`: repository, build cache. */
  apps: string
  /** Layers of slugs, content-addressed and packed. */
  slugs: string
  /** Layers and releases, unpacked for dynos to run from. */
  unpacked: string
  builds: string
  dynos: string
  postgres: string
  backups: string
  /** Launchers `hokku` and `heroku` for PATH. */
  bin: string
  /** Copies of Node and the frameworks that slugs take in. */
  runtime: string
  /** The official CLI, a folder a version. */
  heroku: string
}>

/** @param root absolute folder of the installation */
export function homeAt(root: string): Home {
  const at = (name: string): string => join(root, name)
  return {
    root,
    database: at('hokku.sqlite'),
    key: at('key'),
    token: at('token'),
    certificates: at('certificates'),
    run: at('run'),
    logs: at('logs'),
    apps: at('apps'),
    slugs: at('slugs'),
    unpacked: at('unpacked'),
    builds: at('builds'),
    dynos: at('dynos'),
    postgres: at('postgres'),
    backups: at('backups'),
    bin: at('bin'),
    runtime: at('runtime'),
    heroku: at('heroku'),
  }
}
