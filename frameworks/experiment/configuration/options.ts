/**
 * Every option a study can set: where it stands, how its text is read, what it is when no one sets
 * it. The types of `Settings` follow from this table, and `docs/experiments.md` is checked against
 * it. Names, sections and defaults are those of psiTurk 3.3.1; the last rows of a section, marked
 * `ours`, are additions.
 */
export const SECTIONS = {
  hit: {
    title: 'HIT Configuration',
    options: {
      title: literal(''),
      description: literal(''),
      keywords: text(''),
      lifetime: decimal('24'),
      us_only: flag('true'),
      approve_requirement: whole('95'),
      number_hits_approved: whole('0'),
      require_master_workers: flag('false'),
      require_quals: list(''),
      require_quals_live: list(''),
      require_quals_sandbox: list(''),
      block_quals: list(''),
      block_quals_live: list(''),
      block_quals_sandbox: list(''),
      advanced_quals_path: text(''),
      advanced_quals_path_live: text(''),
      advanced_quals_path_sandbox: text(''),
      ad_url_domain: text(''),
      ad_url_port: text('443'),
      ad_url_protocol: text('https'),
      ad_url_route: text('pub'),
      ad_url: absent(),
      prolific_completion_code: ours(text('')),
    },
  },
  database: {
    title: 'Database Parameters',
    options: {
      database_url: text('sqlite:///participants.db'),
      assignments_table_name: text(''),
      table_name: text('assignments'),
      hits_table_name: text('amt_hit'),
      campaigns_table_name: text('campaign'),
      jobs_table_name: text('apscheduler_jobs'),
    },
  },
  server: {
    title: 'Server Parameters',
    options: {
      host: text('localhost'),
      port: whole('22362'),
      accesslog: text('/dev/null'),
      errorlog: text(''),
      logfile: text('server.log'),
      loglevel: whole('2'),
      enable_dashboard: flag('false'),
      do_scheduler: flag('false'),
      login_username: text(''),
      login_pw: text(''),
      secret_key: text(''),
      threads: processes('auto'),
      certfile: text(''),
      keyfile: text(''),
      server_timeout: whole('30'),
      render_pages: ours(flag('false')),
      database_connections: ours(whole('5')),
    },
  },
  task: {
    title: 'Task Parameters',
    options: {
      experiment_code_version: text('0.0.1'),
      num_conds: whole('1'),
      num_counters: whole('1'),
      contact_email_on_error: text('youremail@gmail.com'),
      browser_exclude_rule: list('MSIE, mobile, tablet'),
      allow_repeats: flag('false'),
      cutoff_time: whole('30'),
      require_token: ours(flag('false')),
    },
  },
  shell: {
    title: 'Shell Parameters',
    options: {
      launch_in_mode: text('sandbox'),
      persistent_history_file: text('.psiturk_history'),
      bonus_message: text(''),
    },
  },
  aws: {
    title: 'AWS Access',
    options: {
      aws_access_key_id: text(''),
      aws_secret_access_key: text(''),
      aws_region: text('us-east-1'),
      mturk_endpoint: ours(text('')),
      mturk_worker_site: ours(text('')),
    },
  },
} as const

/** How one option is read from its text; `read` throws a plain sentence when it cannot be. */
export type Option<Value> = Readonly<{
  /** Text when no one sets the option; undefined: the option then does not exist. */
  default: string | undefined
  read: (raw: string) => Value
  /** Not interpolated: `%` is an ordinary character. */
  isLiteral: boolean
  /** Not an option of the original. */
  isOurs: boolean
}>

/** Defaults that apply on a cloud host, above the ones of the table and below `config.txt`. */
export const CLOUD_DEFAULTS: Readonly<Record<string, string>> = {
  host: '0.0.0.0',
  errorlog: '-',
  accesslog: '-',
  threads: '1',
}

/** Left option, if set, replaces the right ones. Same section each. */
export const SYNONYMS: readonly (readonly [string, string, readonly string[]])[] = [
  ['Server Parameters', 'errorlog', ['logfile']],
  ['HIT Configuration', 'require_quals', ['require_quals_live', 'require_quals_sandbox']],
  ['HIT Configuration', 'block_quals', ['block_quals_live', 'block_quals_sandbox']],
  [
    'HIT Configuration',
    'advanced_quals_path',
    ['advanced_quals_path_live', 'advanced_quals_path_sandbox'],
  ],
  ['Database Parameters', 'assignments_table_name', ['table_name']],
]

/** Where version 2 kept options: old section and name → new section and name. */
export const MOVED: readonly (readonly [string, string, string, string])[] = [
  ['HIT Configuration', 'contact_email_on_error', 'Task Parameters', 'contact_email_on_error'],
  ['HIT Configuration', 'browser_exclude_rule', 'Task Parameters', 'browser_exclude_rule'],
  ['HIT Configuration', 'allow_repeats', 'Task Parameters', 'allow_repeats'],
  ['Server Parameters', 'cutoff_time', 'Task Parameters', 'cutoff_time'],
  ['HIT Configuration', 'amt_keywords', 'HIT Configuration', 'keywords'],
  ['HIT Configuration', 'psiturk_keywords', 'HIT Configuration', 'keywords'],
  ['HIT Configuration', 'ad_location', 'HIT Configuration', 'ad_url'],
]

function text(fallback: string): Option<string> {
  return option(fallback, (raw) => raw)
}

function literal(fallback: string): Option<string> {
  return { ...text(fallback), isLiteral: true }
}

function absent(): Option<string | undefined> {
  return option<string | undefined>(undefined, (raw) => raw)
}

function list(fallback: string): Option<string[]> {
  return option(fallback, (raw) =>
    raw
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
}

function flag(fallback: string): Option<boolean> {
  return option(fallback, (raw) => {
    const word = raw.toLowerCase()
    if (['1', 'yes', 'true', 'on'].includes(word)) return true
    if (['0', 'no', 'false', 'off'].includes(word)) return false
    throw new TypeError('must be one of true, yes, on, 1, false, no, off, 0')
  })
}

function whole(fallback: string): Option<number> {
  return option(fallback, readWhole)
}

function decimal(fallback: string): Option<number> {
  return option(fallback, (raw) => {
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(raw)) return Number(raw)
    throw new TypeError('must be a number')
  })
}

/** A number of processes; `auto` is left to the server, which knows the machine. */
function processes(fallback: string): Option<number | 'auto'> {
  return option<number | 'auto'>(fallback, (raw) => {
    if (raw.toLowerCase() === 'auto') return 'auto'
    const count = readWhole(raw)
    if (count < 1) throw new TypeError('must be auto or at least 1')
    return count
  })
}

function readWhole(raw: string): number {
  if (/^[+-]?\d{1,9}$/.test(raw)) return Number(raw)
  throw new TypeError('must be a whole number')
}

function option<Value>(fallback: string | undefined, read: (raw: string) => Value): Option<Value> {
  return { default: fallback, read, isLiteral: false, isOurs: false }
}

function ours<Value>(row: Option<Value>): Option<Value> {
  return { ...row, isOurs: true }
}
