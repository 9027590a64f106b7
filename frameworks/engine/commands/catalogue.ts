import type { Command } from './command.ts'

/** Every command, loaded when it is called: `pio version` shall not wait for a web server. */
export const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  version: () => import('./version.ts'),
  status: () => import('./status.ts'),
  eventserver: () => import('./eventserver.ts'),
  'app new': () => import('./app-new.ts'),
  'app list': () => import('./app-list.ts'),
  'app show': () => import('./app-show.ts'),
  'app delete': () => import('./app-delete.ts'),
  'app data-delete': () => import('./app-data-delete.ts'),
  'app channel-new': () => import('./app-channel-new.ts'),
  'app channel-delete': () => import('./app-channel-delete.ts'),
  'accesskey new': () => import('./accesskey-new.ts'),
  'accesskey list': () => import('./accesskey-list.ts'),
  'accesskey delete': () => import('./accesskey-delete.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  upgrade: () => import('./upgrade.ts'),
}
