import type { FastifyRequest } from '@hokku/kit/http'
import type { App } from '../store/index.ts'
import type { PlaneConfig } from './plane.ts'

type Address = Pick<PlaneConfig, 'port' | 'domain'>

/** Where an app is visited, e.g. `http://demo.localhost:8080/`. */
export function webUrl(app: Pick<App, 'name'>, config: Address): string {
  const scheme = config.domain === 'localhost' ? 'http' : 'https'
  const usual = config.port === (scheme === 'http' ? 80 : 443)
  return `${scheme}://${app.name}.${config.domain}${usual ? '' : `:${config.port}`}/`
}

/** What of a request says how the client reached us. */
export type Asked = Pick<FastifyRequest, 'host' | 'protocol'>

/** Base of links in an answer: as the client reached us, since a relay may stand between. */
export const baseUrl = (request: Asked): string => `${request.protocol}://${request.host}`
