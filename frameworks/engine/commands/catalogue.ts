import type { Command } from './command.ts'

/** The command of that name, e.g. `app new`; undefined if there is none. */
export const loadCommand = async (name: string): Promise<Command | undefined> =>
  Object.hasOwn(COMMANDS, name) ? (await COMMANDS[name]?.())?.command : undefined

/** Every command, loaded when it is called: `pio version` shall not wait for a web server. */
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  version: () => import('./version.ts'),
  status: () => import('./status.ts'),
  build: () => import('./build.ts'),
  train: () => import('./train.ts'),
  eval: () => import('./eval.ts'),
  deploy: () => import('./deploy.ts'),
  undeploy: () => import('./undeploy.ts'),
  batchpredict: () => import('./batchpredict.ts'),
  dashboard: () => import('./dashboard.ts'),
  adminserver: () => import('./adminserver.ts'),
  eventserver: () => import('./eventserver.ts'),
  'app new': () => import('./app-new.ts'),
  'app list': () => import('./app-list.ts'),
  'app show': () => import('./app-show.ts'),
  'app count': () => import('./app-count.ts'),
  'app delete': () => import('./app-delete.ts'),
  'app data-delete': () => import('./app-data-delete.ts'),
  'app channel-new': () => import('./app-channel-new.ts'),
  'app channel-delete': () => import('./app-channel-delete.ts'),
  'accesskey new': () => import('./accesskey-new.ts'),
  'accesskey list': () => import('./accesskey-list.ts'),
  'accesskey delete': () => import('./accesskey-delete.ts'),
  'start-all': () => import('./start-all.ts'),
  'stop-all': () => import('./stop-all.ts'),
  shell: () => import('./shell.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  'template new': () => import('./template-new.ts'),
  'template get': () => import('./template-get.ts'),
  'template list': () => import('./template-get.ts'),
  run: () => import('./run.ts'),
  unregister: () => import('./unregister.ts'),
  upgrade: () => import('./upgrade.ts'),
}

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS)
