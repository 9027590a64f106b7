import { problem } from '../../store/index.ts'

/**
 * Checks where a drain leads.
 *
 * @throws Problem `invalid_params`
 */
export function parseDrainUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isKnown = url !== undefined && Object.hasOwn(DEFAULT_PORTS, url.protocol)
  if (!isKnown || url.hostname === '' || text.length > URL_LENGTH_MAX) {
    throw problem('invalid_params', 'Url is invalid.', {
      hint: 'Drains go to syslog://host:port, syslog+tls://host:port or https://host/path.',
    })
  }
  return url
}

/** The port that a drain's URL names, or the usual one of its protocol. */
export const drainPort = (url: URL): number =>
  url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port)

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'syslog:': 514,
  'syslog+tls:': 6514,
  'https:': 443,
  'http:': 80,
}

const URL_LENGTH_MAX = 2048
