import type { FastifyRequest } from '@hokku/kit/http'
import type { App } from '../store/index.ts'
import type { PlaneConfig } from './plane.ts'

type Address = Pick<PlaneConfig, 'port' | 'domain'>

/** Where an app is visited, e.g. `http://demo.localhost:8080/`. */
export const webUrl = (app: Pick<App, 'name'>, config: Address): string =>
  `${urlAt(`${app.name}.${config.domain}`, config)}/`

/** Where other people find the platform, e.g. `https://apps.example.com`. */
export const platformUrl = (config: Address): string => urlAt(config.domain, config)

function urlAt(host: string, { domain, port }: Address): string {
  const scheme = domain === 'localhost' ? 'http' : 'https'
  const usual = port === (scheme === 'http' ? 80 : 443)
  return `${scheme}://${host}${usual ? '' : `:${port}`}`
}

/** What of a request says how the client reached us. */
export type Asked = Pick<FastifyRequest, 'host' | 'protocol'>

/** Base of links in an answer: as the client reached us, since a relay may stand between. */
export const baseUrl = (request: Asked): string => `${request.protocol}://${request.host}`
