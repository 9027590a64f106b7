import { problem } from '../problems.ts'
import type { Settings } from './settings.ts'

/**
 * The public address of the ad page, as HITs carry it: `ad_url` where set, else put together from
 * its four parts, with the port always printed. A port inside `ad_url_domain` (as `heroku domains`
 * shows it on a host with its own port) replaces `ad_url_port`.
 *
 * @throws Problem `config_missing` that names the first empty part
 */
export function adAddress(hit: Settings['hit']): string {
  if (hit.ad_url !== undefined) return hit.ad_url
  const parts = ['ad_url_domain', 'ad_url_port', 'ad_url_protocol', 'ad_url_route'] as const
  const missing = parts.find((name) => hit[name] === '')
  if (missing !== undefined) {
    throw problem('config_missing', `missing ad_url config var \`${missing}\``, {
      hint: 'Set it in [HIT Configuration] of config.txt; ad_url_domain is the host name of your app.',
    })
  }
  const [domain = '', port = hit.ad_url_port] = hit.ad_url_domain
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .split(':')
  return `${hit.ad_url_protocol}://${domain}:${port}/${hit.ad_url_route}`
}
