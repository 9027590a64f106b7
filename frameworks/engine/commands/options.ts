import type { Option } from '@hokku/kit/command-line'

/** Options of PredictionIO that can have no effect here, and why. */
export const IGNORED = {
  'pio-home': 'this installation is used; PIO_HOME can name another conf/ folder',
  'spark-home': 'Spark is not used',
  'spark-kryo': 'Spark is not used',
  'scratch-uri': 'no cluster is used',
  sbt: 'nothing is compiled',
  'sbt-extra': 'nothing is compiled',
  clean: 'nothing is compiled',
  'no-asm': 'nothing is compiled',
  'uber-jar': 'nothing is compiled',
  'generate-pio-sbt': 'nothing is compiled',
  'params-path': 'parameters come from engine.json or --variant',
  'metrics-params': 'parameters come from engine.json or --variant',
  'main-py-file': 'Python engines are not run',
  'json-extractor': 'parameters and queries are always read strictly',
  verbose: 'there is only one level of detail',
  verbosity: 'there is only one level of detail',
  'admin-server-ip': 'deploy does not use the admin server',
  'admin-server-port': 'deploy does not use the admin server',
} as const satisfies Record<string, string>

const WITHOUT_EFFECT = 'Accepted for existing scripts, without effect'

const ignored = (name: keyof typeof IGNORED) => ({
  group: WITHOUT_EFFECT,
  description: `${IGNORED[name][0]?.toUpperCase()}${IGNORED[name].slice(1)}.`,
})
const ignoredText = (name: keyof typeof IGNORED, placeholder = 'value') =>
  ({ type: 'string', placeholder, ...ignored(name) }) as const satisfies Option
const ignoredFlag = (name: keyof typeof IGNORED) =>
  ({ type: 'boolean', ...ignored(name) }) as const satisfies Option

const ID = { type: 'integer', min: 1, max: 2_147_483_647, placeholder: 'n' } as const
const PORT = { type: 'integer', min: 0, max: 65_535, placeholder: 'n' } as const
const text = (placeholder: string, description: string) =>
  ({ type: 'string', placeholder, description }) as const satisfies Option
const flag = (description: string) => ({ type: 'boolean', description }) as const satisfies Option

const GROUP = 'The engine'

/** What every command accepts, as in PredictionIO. */
export const COMMON_OPTIONS = {
  'engine-dir': {
    ...text('directory', 'Folder of the engine.'),
    short: 'ed',
    defaultText: 'the current folder',
    group: GROUP,
  },
  variant: {
    ...text('file', 'The engine.json to use, from the current folder.'),
    short: 'v',
    defaultText: 'engine.json in the folder of the engine',
    group: GROUP,
  },
  'engine-id': {
    ...text('id', 'Name under which trainings of this engine are kept.'),
    short: 'ei',
    group: GROUP,
  },
  'engine-version': {
    ...text('version', 'Version under which trainings of this engine are kept.'),
    short: 'ev',
    group: GROUP,
  },
  verbose: {
    ...flag('Prints the variant, the components and their parameters; only pio build does.'),
    group: GROUP,
  },
  'pio-home': ignoredText('pio-home', 'directory'),
  'spark-home': ignoredText('spark-home', 'directory'),
  'spark-kryo': { ...ignoredFlag('spark-kryo'), short: 'sk' },
  'scratch-uri': ignoredText('scratch-uri', 'uri'),
  sbt: ignoredText('sbt', 'file'),
} as const satisfies Record<string, Option>

export const HIDDEN_COMMON_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(
  Object.entries(COMMON_OPTIONS).map(([name, option]) => [name, { ...option, isHidden: true }]),
)

/** Every option of every command, in PredictionIO's names; they may also stand before the command. */
export const OPTIONS = {
  ...COMMON_OPTIONS,
  'access-key': {
    ...text('key', 'The access key of the app.'),
    defaultText: 'a random key',
  },
  accesskey: text('key', 'Access key with which predictions are sent back as events.'),
  'admin-server-ip': ignoredText('admin-server-ip', 'address'),
  'admin-server-port': ignoredText('admin-server-port', 'n'),
  all: flag('Deletes the events of all channels of the app.'),
  appid: { ...ID, description: 'Id of the app, as pio app list shows it.' },
  batch: text('label', 'Label that is recorded with the training or evaluation.'),
  channel: { ...text('name', 'Channel of the app.'), defaultText: 'its default channel' },
  clean: ignoredFlag('clean'),
  description: text('text', 'What the app is for.'),
  'drop-ids': flag('Gives every event a new id instead of the one in the file.'),
  replace: flag('Deletes the events of the channel first; if the import fails, they stay.'),
  from: text('directory', 'Folder of an engine in Scala, which gets an engine.ts.'),
  'engine-factory': text('name', 'Engine to use instead of the one that engine.json names.'),
  'engine-instance-id': {
    ...text('id', 'Training whose model is used.'),
    defaultText: 'the newest that succeeded',
  },
  'engine-params-key': text('key', "Trains with these parameters of the engine's own code."),
  'event-server-ip': text('address', 'Where the event server for --feedback is.'),
  'event-server-port': { ...PORT, description: 'Port of the event server for --feedback.' },
  feedback: flag('Sends every prediction to the event server, as an event.'),
  force: { ...flag('Deletes without asking.'), short: 'f' },
  format: { type: 'choice', choices: ['json', 'parquet'], description: 'Format of the files.' },
  'generate-pio-sbt': ignoredFlag('generate-pio-sbt'),
  id: { ...ID, description: 'Id of the new app.', defaultText: 'the next free one' },
  input: text('path', 'File to read.'),
  ip: text('address', 'Address to listen on.'),
  'json-extractor': ignoredText('json-extractor', 'name'),
  key: { ...text('key', 'The access key.'), defaultText: 'a random key' },
  'log-prefix': text('text', 'Text in front of what is sent to --log-url.'),
  'log-url': text('url', 'URL to which failed queries are posted.'),
  'main-py-file': ignoredText('main-py-file', 'file'),
  'max-errors': {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    placeholder: 'n',
    description: 'Leaves out up to this many broken lines instead of storing nothing.',
  },
  'metrics-params': { ...ignoredText('metrics-params', 'file'), short: 'mp' },
  'no-asm': ignoredFlag('no-asm'),
  output: text('directory', 'Folder to write to; it must not exist yet.'),
  'params-path': ignoredText('params-path', 'directory'),
  port: { ...PORT, description: 'Port to listen on; 0 is any free port.' },
  'query-partitions': {
    type: 'integer',
    min: 1,
    max: 10_000,
    placeholder: 'n',
    description: 'Number of files to write.',
  },
  'sbt-extra': ignoredText('sbt-extra'),
  'skip-sanity-check': { ...flag("Skips the engine's checks of its data."), short: 'ssc' },
  stats: flag('Keeps counts of events, which /stats.json shows.'),
  'stop-after-prepare': { ...flag('Stops when the data is prepared.'), short: 'sap' },
  'stop-after-read': { ...flag('Stops when the data is read.'), short: 'sar' },
  'uber-jar': ignoredFlag('uber-jar'),
  verbosity: ignoredText('verbosity', 'n'),
} as const satisfies Record<string, Option>

type OptionName = keyof typeof OPTIONS

/** Some of the options, for the declaration of a command. */
export const optionsOf = <Name extends OptionName>(
  ...names: readonly Name[]
): Pick<typeof OPTIONS, Name> =>
  Object.fromEntries(names.map((name) => [name, OPTIONS[name]])) as Pick<typeof OPTIONS, Name>

/** `--ip` and `--port` of a server. */
export const addressOptions = (ip: string, port: number) => ({
  ip: { ...OPTIONS.ip, default: ip },
  port: { ...OPTIONS.port, default: port },
})
