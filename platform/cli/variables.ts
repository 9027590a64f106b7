import type { Variables } from '@hokku/kit/config'

/** What `hokku` and the processes that it starts read, besides what stands in schemas. */
export const VARIABLES = {
  HOKKU_HOME: {
    default: '~/.hokku; as root /var/lib/hokku',
    meaning: 'Folder with everything of an installation. `hokku up --home` sets it.',
  },
  HOKKU_BIND: {
    default: '127.0.0.1; with a domain all addresses',
    meaning: 'Address on which the router listens. `hokku up --bind` sets it.',
  },
  HOKKU_POSTGRES_URL: {
    default: null,
    meaning: 'PostgreSQL on which the add-on makes databases; unset: a server on this machine.',
  },
  HEROKU_API_KEY: {
    default: null,
    meaning: 'Token for the platform. `hokku env` sets it to the token of the owner.',
  },
  HOKKU_DNS_SERVER: {
    default: null,
    meaning: 'DNS server that is asked for proofs of custom domains; unset: those of the machine.',
  },
  HOKKU_BACKUP_PASSPHRASE: {
    default: null,
    meaning: 'Passphrase of `hokku backup` and `hokku restore`, unless a file holds it.',
  },
  AWS_ACCESS_KEY_ID: {
    default: null,
    meaning: 'Key of the bucket for `hokku backup --to s3://…`, with `AWS_SECRET_ACCESS_KEY`.',
  },
  AWS_SECRET_ACCESS_KEY: {
    default: null,
    meaning: 'Its secret. `AWS_SESSION_TOKEN` is used as well.',
  },
  AWS_REGION: {
    default: 'us-east-1',
    meaning: 'Region of that bucket; also `AWS_DEFAULT_REGION`.',
  },
  AWS_ENDPOINT_URL: {
    default: 'AWS itself',
    meaning: 'Server of that bucket; also `AWS_ENDPOINT_URL_S3`, which wins.',
  },
  HOKKU_PYTHON27: {
    default: null,
    meaning: 'Python 2.7 for apps that ask for it, where no version manager has one.',
  },
  NODE_EXTRA_CA_CERTS: {
    default: null,
    meaning: 'PEM file of further authorities; apps and builds trust them too.',
  },
  NODE_COMPILE_CACHE: {
    default: 'node_modules/.cache/hokku',
    meaning: 'Folder in which Node keeps compiled code, for a faster start.',
  },
} as const satisfies Variables
