/**
 * Every option a study can set: where it stands, how its text is read, what it is when no one sets
 * it, and what it means. The types of `Settings` and `docs/configuration.md` follow from this
 * table, and `docs/experiments.md` is checked against it. Names, sections and defaults are those
 * of psiTurk 3.3.1; the last rows of a section, marked `ours`, are additions.
 */
export const SECTIONS = {
  hit: {
    title: 'HIT Configuration',
    options: {
      title: literal('', 'Title of the HIT, as workers see it.'),
      description: literal('', 'Description of the HIT.'),
      keywords: text('', 'Keywords by which workers find the HIT, separated by commas.'),
      lifetime: decimal('24', 'Hours for which a HIT can be accepted.'),
      us_only: flag('true', 'Only workers in the United States may take part.'),
      approve_requirement: whole(
        '95',
        'Smallest share of approved HITs that a worker must have, in percent.',
      ),
      number_hits_approved: whole('0', 'Smallest number of approved HITs that a worker must have.'),
      require_master_workers: flag(
        'false',
        'Only workers with the qualification Masters may take part.',
      ),
      require_quals: list('', 'Qualifications that a worker must have, in both modes.'),
      require_quals_live: list('', 'Qualifications that a worker must have, in live mode.'),
      require_quals_sandbox: list('', 'Qualifications that a worker must have, in the sandbox.'),
      block_quals: list('', 'Qualifications that a worker must not have, in both modes.'),
      block_quals_live: list('', 'Qualifications that a worker must not have, in live mode.'),
      block_quals_sandbox: list('', 'Qualifications that a worker must not have, in the sandbox.'),
      advanced_quals_path: text(
        '',
        'JSON file with further qualification requirements, in both modes.',
      ),
      advanced_quals_path_live: text(
        '',
        'JSON file with further qualification requirements, in live mode.',
      ),
      advanced_quals_path_sandbox: text(
        '',
        'JSON file with further qualification requirements, in the sandbox.',
      ),
      ad_url_domain: text('', 'Host name under which workers reach the study.'),
      ad_url_port: text('443', 'Port under which workers reach the study.'),
      ad_url_protocol: text(
        'https',
        'Protocol under which workers reach the study: https or http.',
      ),
      ad_url_route: text('pub', 'Route of the ad.'),
      ad_url: absent('Whole address of the ad; replaces the four options before it.'),
      completion_url: ours(
        text(
          '',
          'Where participants of links return to; {name} is a parameter of the link they came by.',
        ),
      ),
      prolific_completion_code: ours(
        text('', 'Code that Prolific expects at the end of the study.'),
      ),
    },
  },
  database: {
    title: 'Database Parameters',
    options: {
      database_url: text(
        'sqlite:///participants.db',
        'Address of the database; an SQLite address means the PostgreSQL of this machine.',
      ),
      assignments_table_name: text('', 'Table of participants; replaces table_name if set.'),
      table_name: text('assignments', 'Table of participants.'),
      hits_table_name: text('amt_hit', 'Table of HITs.'),
      campaigns_table_name: text('campaign', 'Table of campaigns.'),
      jobs_table_name: text('apscheduler_jobs', 'Table of scheduled tasks.'),
    },
  },
  server: {
    title: 'Server Parameters',
    options: {
      host: text('localhost', 'Address on which the server listens.'),
      port: whole('22362', 'Port on which the server listens.'),
      accesslog: text('/dev/null', 'File for one line a request; - is the standard output.'),
      errorlog: text('', 'File for the log of the server; replaces logfile if set.'),
      logfile: text('server.log', 'File for the log of the server.'),
      loglevel: whole('2', 'Least severe messages that are logged: 0 debug to 4 critical.'),
      enable_dashboard: flag('false', 'Serve the dashboard; it needs a login.'),
      do_scheduler: flag('false', 'Run scheduled tasks in this server.'),
      login_username: text(
        '',
        'Name for the dashboard and for pages of the study that need a login.',
      ),
      login_pw: text('', 'Password that goes with login_username.'),
      secret_key: text('', 'Key that signs session cookies.'),
      threads: processes('auto', 'Number of server processes; auto follows the CPUs.'),
      certfile: text('', 'Certificate for HTTPS, a PEM file.'),
      keyfile: text('', 'Key of the certificate, a PEM file.'),
      server_timeout: whole('30', 'Seconds after which a request that hangs is ended.'),
      render_pages: ours(flag('false', "Render the study's static pages as templates.")),
      without_custom: ours(
        flag('false', 'Serve the study without its custom.py; what that answers is refused.'),
      ),
      custom_memory: ours(whole('1024', 'Megabytes of memory that custom.py may take.')),
      database_connections: ours(whole('5', 'Connections to PostgreSQL for each process.')),
    },
  },
  task: {
    title: 'Task Parameters',
    options: {
      experiment_code_version: text(
        '0.0.1',
        'Version of the study; conditions are balanced and repeats refused within one.',
      ),
      num_conds: whole('1', 'Number of conditions.'),
      num_counters: whole('1', 'Number of counterbalance levels.'),
      contact_email_on_error: text('youremail@gmail.com', 'Address that error pages show.'),
      browser_exclude_rule: list(
        'MSIE, mobile, tablet',
        'Browsers and devices that are refused, separated by commas.',
      ),
      allow_repeats: flag('false', 'Let a worker take part again.'),
      cutoff_time: whole(
        '30',
        'Minutes after which a participant who has not finished frees the place.',
      ),
      allow_resume: ours(
        whole('0', 'Minutes within which a participant who has started may load the page again.'),
      ),
      condition_by_link: ours(
        flag('false', 'Let condition and counterbalance in the address of an arrival count.'),
      ),
      max_bonus: ours(
        decimal('50', "Dollars; a larger bonus of the study's own code waits for a person."),
      ),
      require_token: ours(flag('false', "Only the participant's own page may change their data.")),
    },
  },
  shell: {
    title: 'Shell Parameters',
    options: {
      launch_in_mode: text('sandbox', 'Mode in which commands start: sandbox or live.'),
      persistent_history_file: text(
        '.psiturk_history',
        'File for the history of the interactive shell.',
      ),
      bonus_message: text('', 'Reason that workers read with a bonus.'),
    },
  },
  aws: {
    title: 'AWS Access',
    options: {
      aws_access_key_id: text('', 'Access key for Mechanical Turk.'),
      aws_secret_access_key: text('', 'Secret that goes with the access key.'),
      aws_region: text('us-east-1', 'Region of Mechanical Turk.'),
      mturk_endpoint: ours(
        text('', 'Another marketplace with the API of Mechanical Turk, for rehearsals.'),
      ),
      mturk_worker_site: ours(text('', "Address of that marketplace's site for workers.")),
    },
  },
} as const

/** How one option is read from its text; `read` throws a plain sentence when it cannot be. */
export type Option<Value> = Readonly<{
  /** Text when no one sets the option; undefined: the option then does not exist. */
  default: string | undefined
  /** What it means, in a sentence. */
  meaning: string
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

function text(fallback: string, meaning: string): Option<string> {
  return option(fallback, meaning, (raw) => raw)
}

function literal(fallback: string, meaning: string): Option<string> {
  return { ...text(fallback, meaning), isLiteral: true }
}

function absent(meaning: string): Option<string | undefined> {
  return option<string | undefined>(undefined, meaning, (raw) => raw)
}

function list(fallback: string, meaning: string): Option<string[]> {
  return option(fallback, meaning, (raw) =>
    raw
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
}

function flag(fallback: string, meaning: string): Option<boolean> {
  return option(fallback, meaning, (raw) => {
    const word = raw.toLowerCase()
    if (['1', 'yes', 'true', 'on'].includes(word)) return true
    if (['0', 'no', 'false', 'off'].includes(word)) return false
    throw new TypeError('must be one of true, yes, on, 1, false, no, off, 0')
  })
}

function whole(fallback: string, meaning: string): Option<number> {
  return option(fallback, meaning, readWhole)
}

function decimal(fallback: string, meaning: string): Option<number> {
  return option(fallback, meaning, (raw) => {
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(raw)) return Number(raw)
    throw new TypeError('must be a number')
  })
}

/** A number of processes; `auto` is left to the server, which knows the machine. */
function processes(fallback: string, meaning: string): Option<number | 'auto'> {
  return option<number | 'auto'>(fallback, meaning, (raw) => {
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

function option<Value>(
  fallback: string | undefined,
  meaning: string,
  read: (raw: string) => Value,
): Option<Value> {
  return { default: fallback, meaning, read, isLiteral: false, isOurs: false }
}

function ours<Value>(row: Option<Value>): Option<Value> {
  return { ...row, isOurs: true }
}
