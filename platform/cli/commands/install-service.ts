import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Call, defineCommand, misuse } from '@hokku/kit/command-line'
import { writeDurably } from '@hokku/kit/disk'
import { homeAt } from '../../store/index.ts'
import { findInstallation, homeOf } from '../installation.ts'
import { settingsFile, unitFile } from '../service-unit.ts'
import { makeFolders } from '../supervisor/platform.ts'
import { UP_OPTIONS } from './up.ts'

const { port, home, domain, bind } = UP_OPTIONS
const OPTIONS = {
  port,
  home,
  domain,
  bind,
  print: {
    type: 'boolean',
    description: 'Prints the unit and changes nothing.',
  },
} as const

export const command = defineCommand({
  summary: 'Starts hokku at boot, with systemd.',
  details:
    'Takes the options of hokku up, and the settings of this shell (HOKKU_… and proxies). As root ' +
    'it is a service of the machine, otherwise one of yours.',
  examples: ['hokku install-service --domain apps.example.com --port 443'],
  options: OPTIONS,
  run: ({ options }, env: NodeJS.ProcessEnv) => install(options, env),
})

async function install(
  options: Call<typeof OPTIONS, never>['options'],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const home = options.home === undefined ? homeOf(env) : homeAt(resolve(options.home))
  const isPersonal = process.getuid?.() !== 0
  const settings = join(home.root, 'service.env')
  const unit = unitFile({
    program: join(import.meta.dirname, '../bin/hokku'),
    args: [
      '--home',
      home.root,
      '--port',
      String(options.port),
      '--domain',
      options.domain,
      ...(options.bind === undefined ? [] : ['--bind', options.bind]),
    ],
    home: home.root,
    settingsFile: settings,
    isPersonal,
  })
  if (options.print) {
    console.log(unit)
    return 0
  }
  if (process.platform !== 'linux') {
    throw misuse(
      'Services are made for systemd, which is on Linux only. Elsewhere: hokku up --detach',
    )
  }
  makeFolders(home)
  await writeDurably(settings, readSettings({ ...env, HOKKU_HOME: home.root }), 0o600)
  const folder = isPersonal ? join(homedir(), '.config/systemd/user') : '/etc/systemd/system'
  const file = join(folder, 'hokku.service')
  await writeDurably(file, unit, 0o644)
  console.log(`Wrote ${file}, and the settings to ${settings}.`)
  return enable(isPersonal, findInstallation(home) !== undefined)
}

function readSettings(env: NodeJS.ProcessEnv): string {
  try {
    return settingsFile(env)
  } catch (error) {
    if (error instanceof TypeError) throw misuse(`${error.message} A service cannot have that.`)
    throw error
  }
}

/** Where systemd does not run, e.g. in a container, the next step is for later. */
function enable(isPersonal: boolean, isRunning: boolean): number {
  const systemctl = ['systemctl', ...(isPersonal ? ['--user'] : [])]
  const [file = '', ...words] = systemctl
  const start = isRunning
    ? `hokku down && ${systemctl.join(' ')} start hokku`
    : `${systemctl.join(' ')} start hokku`
  if (!existsSync('/run/systemd/system')) {
    console.log('systemd does not run here. Where it does:')
    console.log(
      `  ${systemctl.join(' ')} daemon-reload && ${systemctl.join(' ')} enable --now hokku`,
    )
    return 0
  }
  execFileSync(file, [...words, 'daemon-reload'], { stdio: 'inherit' })
  execFileSync(file, [...words, 'enable', 'hokku'], { stdio: 'inherit' })
  console.log(
    `The platform will start with ${isPersonal ? 'your first session' : 'the machine'}. Now:`,
  )
  console.log(`  ${start}`)
  if (isPersonal) console.log('To start without a session: loginctl enable-linger')
  return 0
}
