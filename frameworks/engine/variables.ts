import type { Variables } from '@hokku/kit/config'

/**
 * Every variable that `pio`, the servers and the buildpack read. The names are those of
 * PredictionIO and of its buildpack for Heroku.
 */
export const VARIABLES = {
  DATABASE_URL: {
    default: null,
    meaning: 'PostgreSQL for events, metadata and models; unset: a server on this machine.',
  },
  PIO_POSTGRES_OPTIONAL_SSL: {
    default: 'false',
    meaning: '`true`: in a dyno, connect to PostgreSQL without TLS.',
  },
  PIO_ACCEPT_CHANGED_SCALA: {
    default: 'false',
    meaning: '`true`: use a template without what the Scala sources of the engine change in it.',
  },
  PIO_EVENTSERVER_APP_NAME: {
    default: null,
    meaning: 'App whose events an engine reads, unless `engine.json` names one.',
  },
  PIO_EVENTSERVER_ACCESS_KEY: {
    default: null,
    meaning: 'Access key of that app; the release makes app and key.',
  },
  PIO_EVENTSERVER_HOSTNAME: { default: null, meaning: 'Event server that gets the feedback.' },
  PIO_EVENTSERVER_PORT: {
    default: null,
    meaning: "Port of that event server; unset: hokku's own for its apps, 443 for others.",
  },
  PIO_EVENTSERVER_CORS_ORIGINS: {
    default: null,
    meaning: 'Origins whose pages may send events, separated by commas, or `*`; unset: none.',
  },
  PIO_EVENTSERVER_PLUGINS: {
    default: null,
    meaning: 'Module whose default export is a list of plugins for the event server.',
  },
  PIO_ENABLE_FEEDBACK: { default: 'false', meaning: '`true`: store predictions as events.' },
  PIO_SERVER_ACCESS_KEY: {
    default: null,
    meaning: 'Key that `/reload`, `/stop` and the dashboard need; unset: no key.',
  },
  PIO_TRAIN_ON_RELEASE: {
    default: 'true',
    meaning: '`false`: a release neither loads data nor trains.',
  },
  PIO_PURGE_EVENTS_ON_SYNC: {
    default: 'false',
    meaning: '`true`: delete the events of the default channel before a sync.',
  },
  PIO_PURGE_ON_SYNC: { default: 'false', meaning: 'The older name of PIO_PURGE_EVENTS_ON_SYNC.' },
  PIO_RUN_AS_EVENTSERVER: { default: 'false', meaning: '`true`: the app is an event server.' },
  PIO_VERBOSE: { default: 'false', meaning: '`true`: the build prints variant and parameters.' },
  PIO_OPTS: { default: null, meaning: 'Options of `pio train` and `pio deploy` in dynos.' },
  PIO_SPARK_OPTS: { default: null, meaning: 'Spark options of `pio deploy`.' },
  PIO_TRAIN_SPARK_OPTS: {
    default: null,
    meaning: 'Spark options of `pio train`; the driver memory limits training.',
  },
  PIO_DRIVER_MEMORY: {
    default: null,
    meaning: 'Memory for training, such as `2g`, where PIO_TRAIN_SPARK_OPTS sets none.',
  },
  PIO_HOME: {
    default: null,
    meaning: 'Folder with `conf/pio-env.sh`, and with the files of `pio-start-all`.',
  },
  PIO_CONF_DIR: { default: null, meaning: 'Folder with `pio-env.sh` and the Spark settings.' },
  PIO_FS_BASEDIR: { default: '~/.pio_store', meaning: 'Folder for local files and models.' },
  PIO_FS_TMPDIR: { default: null, meaning: 'Folder for temporary files; unset: `tmp` in it.' },
  PIO_S3_BUCKET_NAME: {
    default: null,
    meaning: 'Bucket for `context.files`; unset: a folder, not possible in dynos.',
  },
  PIO_S3_AWS_ACCESS_KEY_ID: { default: null, meaning: 'Access key for the bucket.' },
  PIO_S3_AWS_SECRET_ACCESS_KEY: { default: null, meaning: 'Secret that goes with the key.' },
  PIO_S3_AWS_REGION: { default: 'us-east-1', meaning: 'Region of the bucket.' },
  PIO_S3_ENDPOINT: { default: null, meaning: 'Address of the S3 server; unset: that of AWS.' },
  AWS_REGION: { default: null, meaning: 'Region of the bucket; replaces PIO_S3_AWS_REGION.' },
  AWS_ACCESS_KEY_ID: { default: null, meaning: 'Key for models in S3 that have no other.' },
  AWS_SECRET_ACCESS_KEY: { default: null, meaning: 'Secret that goes with AWS_ACCESS_KEY_ID.' },
  AWS_ENDPOINT_URL_S3: {
    default: null,
    meaning: 'Address of the S3 server, as the AWS CLI reads it.',
  },
  'PIO_STORAGE_REPOSITORIES_<METADATA, EVENTDATA, MODELDATA>_SOURCE': {
    default: null,
    meaning: 'Name of the source that keeps this; all unset: PostgreSQL of DATABASE_URL.',
  },
  'PIO_STORAGE_REPOSITORIES_<…>_NAME': {
    default: 'pio_meta, pio_event, pio_model',
    meaning: 'Namespace of this in its source.',
  },
  'PIO_STORAGE_SOURCES_<name>_TYPE': {
    default: null,
    meaning: 'Kind of a source: `jdbc` (PostgreSQL); for models also `localfs` and `s3`.',
  },
  'PIO_STORAGE_SOURCES_<name>_<setting>': {
    default: null,
    meaning: 'Settings of a source: URL, USERNAME, PASSWORD; PATH; BUCKET_NAME, REGION.',
  },
  PIO_ELASTICSEARCH_URL: { default: null, meaning: 'Refused: metadata is kept in PostgreSQL.' },
  PIO_MAVEN_REPO: { default: null, meaning: 'No effect but a notice.' },
  PREDICTIONIO_DIST_URL: { default: null, meaning: 'No effect but a notice.' },
  PIO_UR_ELASTICSEARCH_CONCURRENCY: { default: null, meaning: 'No effect but a notice.' },
} as const satisfies Variables
